"""Pixel sizes, um per pixel."""

MPP = 0.25
"""Of the fields in a store, and of nets unless something else is said."""
MPP_RANGE = (0.6, 3.0)
"""Of slides that a net may run on, over the pixel size that it was trained at."""
