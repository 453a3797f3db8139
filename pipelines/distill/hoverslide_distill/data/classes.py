"""What a net's classes are called, how they are drawn and what they mean for biology: known tables and any JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import DistillError

ROLES = ("tumour", "epithelial", "immune", "stromal", "dead", "other")


@dataclass(frozen=True)
class NucleusClass:
    """color: RGB, 0..255; role: one of ROLES, None where nobody said."""

    name: str
    color: tuple[int, int, int]
    role: str | None = None

    def plain(self) -> dict:
        """As JSON has it."""
        return {key: value for key, value in asdict(self).items() if value is not None}


UNCLASSIFIED = NucleusClass("unclassified", (128, 128, 128))
"""Class 0 of every net: every vote was background. It has no role: nobody knows what such a nucleus is."""
NUCLEUS = NucleusClass("nucleus", (255, 159, 68))
"""The one class of a net without classes."""

TABLES: dict[str, tuple[NucleusClass, ...]] = {
    "pannuke": (
        NucleusClass("neoplastic", (255, 0, 0), "tumour"),
        NucleusClass("inflammatory", (34, 221, 77), "immune"),
        NucleusClass("connective", (35, 92, 236), "stromal"),
        NucleusClass("dead", (254, 255, 0), "dead"),
        NucleusClass("epithelial", (255, 159, 68), "epithelial"),
    ),
    # The seven types of the data set as hover_net's dataset.py merges them.
    "consep": (
        NucleusClass("miscellaneous", (0, 255, 255), "other"),
        NucleusClass("inflammatory", (34, 221, 77), "immune"),
        NucleusClass("epithelial", (255, 159, 68), "epithelial"),
        NucleusClass("spindle-shaped", (35, 92, 236), "stromal"),
    ),
    "monusac": (
        NucleusClass("epithelial", (255, 159, 68), "epithelial"),
        NucleusClass("lymphocyte", (34, 221, 77), "immune"),
        NucleusClass("macrophage", (160, 32, 240), "immune"),
        NucleusClass("neutrophil", (0, 255, 255), "immune"),
    ),
    "none": (),
}


def parse_classes(value: object, where: str) -> tuple[NucleusClass, ...]:
    """The classes of nuclei, background left out, of a table's name, a list of {name, color, role?}, or hover_net's
    `type_info.json` (id to [name, color], 0 being background). DistillError, naming `where`, on anything else.
    """
    if isinstance(value, str):
        if value not in TABLES:
            raise DistillError(f"{where}: expected one of {', '.join(TABLES)}, or a list, found '{value}'")
        return TABLES[value]
    if isinstance(value, dict):
        ids = sorted(value, key=lambda key: int(key) if str(key).isdigit() else -1)
        if ids != [str(i) for i in range(len(ids))]:
            raise DistillError(f"{where}: expected the ids '0' (background), '1', '2', ..., found {list(value)}")
        pairs = [(f"{where}.{i}", value[i]) for i in ids[1:]]
        wrong = next((name for name, pair in pairs if not isinstance(pair, list) or len(pair) != 2), None)
        if wrong:
            raise DistillError(f"{wrong}: expected [name, [red, green, blue]]")
        return tuple(parse_class({"name": pair[0], "color": pair[1]}, name) for name, pair in pairs)
    if isinstance(value, list):
        return tuple(parse_class(entry, f"{where}.{i}") for i, entry in enumerate(value))
    raise DistillError(f"{where}: expected a table's name, a list of classes or hover_net's type_info, found {value!r}")


def parse_class(value: object, where: str) -> NucleusClass:
    if not isinstance(value, dict) or not value.keys() <= {"name", "color", "role"}:
        raise DistillError(f"{where}: expected {{name, color, role?}}, found {value!r}")
    name, color, role = value.get("name"), value.get("color"), value.get("role")
    if not isinstance(name, str) or not name:
        raise DistillError(f"{where}.name: expected a name, found {name!r}")
    is_color = isinstance(color, (list, tuple)) and len(color) == 3
    if not is_color or not all(isinstance(c, int) and 0 <= c <= 255 for c in color):
        raise DistillError(f"{where}.color: expected [red, green, blue] of 0..255, found {color!r}")
    if role is not None and role not in ROLES:
        raise DistillError(f"{where}.role: expected one of {', '.join(ROLES)}, found {role!r}")
    return NucleusClass(name, tuple(color), role)


def read_classes(choice: str) -> tuple[NucleusClass, ...]:
    """The table that an option names: a known one's name, or a JSON file."""
    if choice in TABLES:
        return TABLES[choice]
    try:
        return parse_classes(json.loads(Path(choice).read_text()), choice)
    except (OSError, ValueError) as error:
        known = ", ".join(TABLES)
        raise DistillError(f"--classes: expected {known} or a JSON file, found '{choice}': {error}") from error


def with_first(classes: Sequence[NucleusClass]) -> tuple[NucleusClass, ...]:
    """The table as the product counts: class 0 first; of a net without classes, every nucleus has class 1."""
    return (UNCLASSIFIED, *(classes or (NUCLEUS,)))


def check_count(classes: Sequence[NucleusClass], channels: int, where: str) -> None:
    """DistillError unless a net's class channels, background among them, are of these classes; 0 for none."""
    expected = len(classes) + 1 if classes else 0
    if channels != expected:
        found = f"{channels - 1} classes beside background" if channels else "no classes"
        names = ", ".join(entry.name for entry in classes) or "none"
        raise DistillError(f"{where}: the net has {found}, the table of classes {len(classes)} ({names})")
