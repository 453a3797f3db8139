"""`measure`: nets side by side on the same fields, in one run."""

from pathlib import Path

from ..evaluation.postprocess import Ranges
from ..evaluation.validate import score_field, summarise_sets
from ..pool import process_pool
from .calibrate import read_ranges
from .card import read_card
from .fields import chosen_fields, infer_fields, open_net


def ranges_of(net: Path, given: Path | None) -> Ranges | None:
    """The constants of an ONNX file's card, else the given ones."""
    if net.suffix == ".onnx" and (card := read_card(net)):
        return Ranges(tuple(card["seamless"]["h"]), tuple(card["seamless"]["v"]))
    return read_ranges(given) if given else None


def measure(nets: list[Path], data: Path, choice: str, constants: Path | None, device: str | None) -> dict:
    """Measures per net, mode of post-processing and set: `reference` on float maps, `seamless` on packed ones."""
    fields = chosen_fields(data, choice)
    scores = {}
    with process_pool() as pool:
        for net in nets:
            ranges = ranges_of(net, constants)
            modes = {"reference": None} | ({"seamless": ranges} if ranges else {})
            found = {mode: [] for mode in modes}
            inferred = infer_fields(open_net(net, device), fields)
            for field, (output, truth) in zip(fields, inferred, strict=True):
                for mode, constants_of_mode in modes.items():
                    found[mode].append((field.set, pool.submit(score_field, output, truth, constants_of_mode)))
            scores[str(net)] = {
                mode: summarise_sets([(name, future.result()) for name, future in scored])
                for mode, scored in found.items()
            }
    return scores
