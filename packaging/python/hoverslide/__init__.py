"""hoverslide: from a folder of H&E whole slides one table of nuclei per slide.

The command `hoverslide` (or `python -m hoverslide`) does the work. From Python, `run` calls that command and
`read_nuclei` reads its table.
"""

from hoverslide.command import CommandError, run
from hoverslide.table import read_nuclei

__all__ = ["CommandError", "read_nuclei", "run"]
