"""The command `hoverslide`: becomes the Node process, so that signals and exit codes are its own."""

from __future__ import annotations

import os
import sys

from hoverslide.command import command_line, environment


def main() -> None:
    """Run the command with the arguments of this process."""
    try:
        line = command_line(sys.argv[1:])
    except RuntimeError as error:
        print(f"hoverslide: {error}", file=sys.stderr)
        sys.exit(69)
    os.execve(line[0], line, environment())


if __name__ == "__main__":
    main()
