"""`prepare`: bring labelled fields into the store."""

from pathlib import Path

from ..data.packs import Source, find_sources, read_source
from ..data.store import Field, write_field
from ..progress import progress


def prepare_packs(root: Path, store: Path) -> None:
    """Prepare every train field under root that the store does not yet hold."""
    todo: list[tuple[Source, Field]] = []
    for source in find_sources(root):
        field = Field(store, source.set, source.name)
        if not field.has("nuclei"):
            todo.append((source, field))
    for source, field in progress(todo, "prepare"):
        write_field(field, *read_source(source))
