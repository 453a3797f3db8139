"""`measure`: nets side by side on the same fields, in one run."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ..data.packs import PackField
from ..evaluation.postprocess import Ranges
from ..evaluation.symmetry import symmetric
from ..evaluation.validate import score_field, summarise_sets
from ..models.unet import HV
from ..pool import process_pool
from .calibrate import read_ranges
from .card import card_ranges, read_card
from .fields import StoredField, infer_fields, open_net


def ranges_of(net: Path, given: Path | None) -> Ranges | None:
    """The constants of an ONNX file's card, else the given ones."""
    card = read_card(net) if net.suffix == ".onnx" else None
    return (card and card_ranges(card)) or (read_ranges(given) if given else None)


def measure(
    nets: list[Path],
    fields: Sequence[PackField | StoredField],
    constants: Path | None,
    device: str | None,
    symmetries: int = 1,
) -> dict:
    """Measures per net, mode of post-processing and set: `reference` on float maps, `seamless` on packed ones. Of nets
    with other classes than the labels', or none, nuclei alone are measured. symmetries: `evaluation.symmetry`.
    """
    scores = {}
    with process_pool() as pool:
        for net in nets:
            ranges, opened = ranges_of(net, constants), open_net(net, device)
            if not opened.knows_our_classes:
                classes = ", ".join(opened.class_names)
                print(f"measure: {net}: its classes ({classes}) are not the labels': none is measured", file=sys.stderr)
            channels = None if opened.knows_our_classes else HV.stop
            modes = {"reference": None} | ({"seamless": ranges} if ranges else {})
            found = {mode: [] for mode in modes}
            inferred = infer_fields(symmetric(opened, symmetries), fields)
            for field, (output, truth) in zip(fields, inferred, strict=True):
                for mode, constants_of_mode in modes.items():
                    found[mode].append(
                        (field.set, pool.submit(score_field, output[:channels], truth, constants_of_mode))
                    )
            scores[str(net)] = {
                mode: summarise_sets([(name, future.result()) for name, future in scored])
                for mode, scored in found.items()
            }
    return scores
