"""Which fields train and which validate. Whole fields, named here, so that no crop of one is ever on both sides."""

from pathlib import Path

from ..errors import DistillError
from .store import Field, open_store

VALIDATION = {("consep", "train_3"), ("consep", "train_13"), ("consep", "train_23")}


def split(store: Path) -> tuple[list[Field], list[Field]]:
    """Training and validation fields of a store."""
    fields = open_store(store)
    if not fields:
        raise DistillError(f"{store}: no prepared fields, run `prepare` first")
    training = [field for field in fields if (field.set, field.name) not in VALIDATION]
    return training, [field for field in fields if (field.set, field.name) in VALIDATION]
