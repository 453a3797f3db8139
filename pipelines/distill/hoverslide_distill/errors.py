"""Errors for the user: one line that names the file or option, what was expected and what was found."""


class DistillError(Exception):
    pass


def first_line(error: Exception) -> str:
    """Of what a library says; the rest is for its developers."""
    return next(iter(str(error).splitlines()), type(error).__name__)
