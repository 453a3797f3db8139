"""Errors for the user: one line that names the file or option, what was expected and what was found."""


class DistillError(Exception):
    pass
