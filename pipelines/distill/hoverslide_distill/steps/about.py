"""What is said of a net that others trained: it travels with the imported checkpoint into the card."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ..data.classes import NucleusClass, parse_classes
from ..data.scale import MPP

NOT_STATED = "not stated"


@dataclass(frozen=True)
class About:
    """classes of nuclei, background left out (none for an untyped net); mpp in um per pixel."""

    classes: tuple[NucleusClass, ...]
    training: str
    licence: str
    limits: str
    mpp: float

    def plain(self) -> dict:
        return {
            "classes": [entry.plain() for entry in self.classes],
            "training": self.training,
            "licence": self.licence,
            "limits": self.limits,
            "mpp": self.mpp,
        }


def read_about(plain: dict, where: str) -> About:
    return About(
        parse_classes(plain["classes"], where), *(plain[key] for key in ("training", "licence", "limits", "mpp"))
    )


def file_hash(path: Path) -> str:
    """SHA-256, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def origin(source: Path) -> str:
    """Where a net is from, as far as its file tells."""
    return f"not by hoverslide: {source.name}, SHA-256 {file_hash(source)}; how it was trained, its authors say"


def imported(
    source: Path,
    classes: tuple[NucleusClass, ...],
    training: str | None = None,
    licence: str | None = None,
    limits: str | None = None,
    mpp: float = MPP,
) -> About:
    """What the user says of a foreign net; nothing that holds for our own nets is taken over."""
    return About(classes, training or origin(source), licence or NOT_STATED, limits or NOT_STATED, mpp)
