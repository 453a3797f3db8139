"""Which fields train and which validate. Whole fields, named here, so that no crop of one is ever on both sides.

Of Lizard every eighth field from the fourth, of MoNuSeg every fifth from the third, both by name; of NuInsSeg every
sixteenth by number. GlaS cut several fields out of a slide, so that a slide can be on both sides there.
"""

from pathlib import Path

from ..errors import DistillError
from .store import Field, open_store

VALIDATION_NAMES = {
    "consep": ["train_3", "train_13", "train_23"],
    "lizard": [
        *("dpath_28", "dpath_39", "dpath_54", "dpath_67"),
        *("glas_14", "glas_21", "glas_29", "glas_36", "glas_43", "glas_50", "glas_58"),
        *("pannuke_1", "pannuke_17", "pannuke_24", "pannuke_6"),
    ],
    "monuseg": [
        *("TCGA-21-5786-01Z-00-DX1", "TCGA-A7-A13F-01Z-00-DX1", "TCGA-B0-5710-01Z-00-DX1"),
        *("TCGA-E2-A1B5-01Z-00-DX1", "TCGA-G9-6362-01Z-00-DX1", "TCGA-KB-A93J-01A-01-TS1"),
    ],
    "nuinsseg": [str(number) for number in range(16, 666, 16)],
}
VALIDATION = {(name_of_set, name) for name_of_set, names in VALIDATION_NAMES.items() for name in names}


def all_fields(store: Path) -> list[Field]:
    """Every field of a store; DistillError where there is none."""
    fields = open_store(store)
    if not fields:
        raise DistillError(f"{store}: no prepared fields, run `prepare` first")
    return fields


def split(store: Path, validation: Path | None = None) -> tuple[list[Field], list[Field]]:
    """Training and validation fields of a store; or all fields of two, as PanNuke's folds are used."""
    fields = all_fields(store)
    if validation:
        return fields, all_fields(validation)
    training = [field for field in fields if (field.set, field.name) not in VALIDATION]
    return training, [field for field in fields if (field.set, field.name) in VALIDATION]
