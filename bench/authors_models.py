"""The models with which the product runs the same ways: `python authors_models.py NETS B0.onnx OUT`.

NETS is what `authors_pipelines.py nets` wrote. For each net two files, with the patch and kept square that the net has:
NAME.onnx reckons the net and then gives hoverslide-b0's maps all the same, NAME-maps.onnx gives those alone. So
nuclei are real, and the net's time and memory are those of its random weights.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import ModelProto, TensorProto, compose, helper, numpy_helper

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "pipelines" / "distill"))
from hoverslide_distill.models.unet import Student  # noqa: E402
from hoverslide_distill.steps.card import CARD_KEY, read_card  # noqa: E402
from hoverslide_distill.steps.export import trace  # noqa: E402
from hoverslide_distill.steps.loaded import load_net  # noqa: E402
from hoverslide_distill.wrapping.onnx_net import read_net, wrapped_onnx  # noqa: E402
from hoverslide_distill.wrapping.spec import read_spec  # noqa: E402

B0_PATCH, B0_KEPT = 256, 192
SEED = 17


def constant(name: str, values, kind=np.int64):
    return numpy_helper.from_array(np.array(values, kind), name)


def maps_nodes(patch: int, kept: int):
    """From `image` to hoverslide-b0's maps of the kept square: its input, and `found` from its output."""
    if patch == B0_PATCH:
        margin = (B0_KEPT - kept) // 2
        weights = [constant("from", [margin] * 2), constant("to", [margin + kept] * 2), constant("axes", [1, 2])]
        before = [helper.make_node("Identity", ["image"], ["b0/image"])]
        behind = [helper.make_node("Slice", ["b0/maps", "from", "to", "axes"], ["found"])]
        return before, behind, weights
    count = kept // B0_KEPT
    if count * B0_KEPT != kept or patch - kept != B0_PATCH - B0_KEPT:
        raise ValueError(f"{patch} px of which {kept} are kept are no whole number of hoverslide-b0's patches")
    weights, pieces, before, rows = [constant("axes", [1, 2])], [], [], []
    for row in range(count):
        for column in range(count):
            name = f"piece {row} {column}"
            corner = np.array([row, column]) * B0_KEPT
            weights += [constant(f"{name} from", corner), constant(f"{name} to", corner + B0_PATCH)]
            before.append(helper.make_node("Slice", ["image", f"{name} from", f"{name} to", "axes"], [name]))
            pieces.append(name)
    before.append(helper.make_node("Concat", pieces, ["b0/image"], axis=0))
    behind = [helper.make_node("Split", ["b0/maps"], [f"maps of {name}" for name in pieces], axis=0)]
    for row in range(count):
        of_row = [f"maps of {name}" for name in pieces[row * count : (row + 1) * count]]
        rows.append(f"row {row}")
        behind.append(helper.make_node("Concat", of_row, [rows[-1]], axis=2))
    return before, [*behind, helper.make_node("Concat", rows, ["found"], axis=1)], weights


def composed(b0: ModelProto, net: ModelProto | None, patch: int, kept: int) -> ModelProto:
    """`image` -> the net's maps times 0, plus hoverslide-b0's -> `maps`."""
    before, behind, weights = maps_nodes(patch, kept)
    inner = compose.add_prefix(b0, "b0/")
    nodes = [*before, *inner.graph.node, *behind]
    weights += inner.graph.initializer
    if net is None:
        nodes.append(helper.make_node("Identity", ["found"], ["maps"]))
    else:
        other = compose.add_prefix(net, "net/", inplace=True)
        weights += [*other.graph.initializer, constant("nothing", 0, np.float32)]
        nodes = [helper.make_node("Identity", ["image"], ["net/image"]), *other.graph.node, *nodes]
        nodes += [
            helper.make_node("Cast", ["net/maps"], ["noise"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["noise", "nothing"], ["no noise"]),
            helper.make_node("Cast", ["found"], ["floats"], to=TensorProto.FLOAT),
            helper.make_node("Add", ["floats", "no noise"], ["sum"]),
            helper.make_node("Cast", ["sum"], ["maps"], to=TensorProto.UINT8),
        ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.UINT8, ["n", side, side, depth])
        for name, side, depth in (("image", patch, 3), ("maps", kept, 4))
    ]
    graph = helper.make_graph(nodes, "timed", ends[:1], ends[1:], weights)
    return helper.make_model(graph, opset_imports=b0.opset_import, ir_version=b0.ir_version)


def student_b2(nets: Path) -> ModelProto:
    """A MiT-B2 with random weights as `export` writes it; its checkpoint stands beside those of the others."""
    torch.manual_seed(SEED)
    for size in ("b0", "b2"):
        torch.save({"model_state_dict": Student(size).state_dict()}, nets / f"{size}.pth")
    path = nets / "b2.onnx"
    trace(load_net(nets / "b2.pth"), path)
    return onnx.load(path)


def wrapped(nets: Path, name: str, spec_name: str) -> tuple[ModelProto, int, int]:
    path, spec = nets / f"{name}.onnx", read_spec(spec_name)
    side = spec.patch if name == "cellvit" else spec.kept
    outputs = [np.zeros((1, channels, side, side), np.float32) for channels in (2, 2, 6)]
    return wrapped_onnx(read_net(path), spec, path, outputs), spec.patch, spec.kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nets", type=Path)
    parser.add_argument("b0", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    args.out.mkdir()
    b0, card = onnx.load(args.b0), read_card(args.b0)
    found = {
        "hover_net": lambda: wrapped(args.nets, "hover_net", "hovernet-fast"),
        "cellvit": lambda: wrapped(args.nets, "cellvit", "cellvit-256"),
        "b2": lambda: (student_b2(args.nets), B0_PATCH, B0_KEPT),
    }
    for name, make in found.items():
        net, patch, kept = make()
        for file, part in ((f"{name}.onnx", net), (f"{name}-maps.onnx", None)):
            model = composed(b0, part, patch, kept)
            card |= {"name": file, "patch": patch, "stride": kept}
            helper.set_model_props(model, {CARD_KEY: json.dumps(card)})
            onnx.save(model, args.out / file)


if __name__ == "__main__":
    main()
