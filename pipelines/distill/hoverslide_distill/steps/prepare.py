"""`prepare`: bring labelled fields into the store."""

from pathlib import Path

from ..data.mat import find_mat_fields
from ..data.packs import find_pack_fields
from ..data.pannuke import find_pannuke_fields
from ..data.store import Field, write_field
from ..pool import process_pool
from ..progress import progress

FORMS = {
    "packs": find_pack_fields,
    "pannuke": find_pannuke_fields,
    "consep-mat": lambda root: find_mat_fields(root, "consep"),
    "lizard-mat": lambda root: find_mat_fields(root, "lizard"),
}


def prepare_field(source, field: Field) -> None:
    write_field(field, source.read())


def prepare(form: str, root: Path, store: Path) -> None:
    """Prepare every training field under root that the store does not yet hold; a kill costs at most those begun."""
    todo = [(source, Field(store, source.set, source.name)) for source in FORMS[form](root)]
    todo = [(source, field) for source, field in todo if not field.has("nuclei")]
    with process_pool() as pool:
        for written in progress([pool.submit(prepare_field, *pair) for pair in todo], "prepare"):
            written.result()
