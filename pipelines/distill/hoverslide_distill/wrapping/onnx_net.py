"""A foreign ONNX net with our bytes before it and packed maps behind it, as one graph."""

import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import ModelProto, TensorProto, compose, helper, version_converter

from ..errors import DistillError, first_line
from ..evaluation.infer import open_session
from .packing import Before, Behind, prepared
from .spec import Head, Spec

OLDEST, OPSET = 13, 17
"""Oldest opset in which a net is composed; the one in which PyTorch writes what goes before and behind."""
DEFAULT_DOMAINS = ("", "ai.onnx")


def read_net(path: Path) -> ModelProto:
    """The net with its weights, which may lie in further files beside it, of OLDEST opset at least."""
    try:
        model = onnx.load(path)
    except Exception as error:  # protobuf's and onnx's own
        raise unreadable(path, error) from error
    return model if opset_of(model) >= OLDEST else version_converter.convert_version(model, OLDEST)


def unreadable(path: Path, error: Exception) -> DistillError:
    return DistillError(f"{path}: expected an ONNX file with its weights: {first_line(error)}")


def opset_of(model: ModelProto) -> int:
    return next(entry.version for entry in model.opset_import if entry.domain in DEFAULT_DOMAINS)


def input_name(model: ModelProto, spec: Spec, path: Path) -> str:
    weights = {tensor.name for tensor in model.graph.initializer}
    names = [entry.name for entry in model.graph.input if entry.name not in weights]
    wanted = spec.pixels.name
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted not in names:
        raise DistillError(f"{path}: input.name: expected one of its inputs, {', '.join(names)}, found {wanted!r}")
    return wanted


def output_names(known: Sequence[str], spec: Spec, path: Path) -> list[str]:
    """Of np, hv and types: the outputs that the spec names, or their places."""
    return [output_name(known, head, path) for head in (spec.np, spec.hv, spec.types) if head]


def output_name(known: Sequence[str], head: Head, path: Path) -> str:
    output = head.output
    if isinstance(output, int) and 0 <= output < len(known):
        return known[output]
    if output in known:
        return output
    found = ", ".join(f"{i} {name}" for i, name in enumerate(known))
    raise DistillError(f"{head.where}.output: expected one of the outputs of {path} ({found}), found {output!r}")


def exported(module: torch.nn.Module, examples: tuple, inputs: list[str], outputs: list[str], opset: int) -> ModelProto:
    """A module's graph, all sides but the batch's fixed, of an opset."""
    with tempfile.TemporaryDirectory() as folder, torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as in `steps.export`
        path = Path(folder, "part.onnx")
        torch.onnx.export(
            module.eval(),
            examples,
            path,
            dynamo=False,
            opset_version=min(opset, OPSET),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes={name: {0: "n"} for name in (*inputs, *outputs)},
        )
        model = onnx.load(path)
    return model if opset_of(model) == opset else version_converter.convert_version(model, opset)


def wrapped_onnx(model: ModelProto, spec: Spec, path: Path, outputs: Sequence[np.ndarray]) -> ModelProto:
    """`image` -> net -> `maps`. outputs: what the net gives for one patch, for their shapes. Takes the model over."""
    opset, source = opset_of(model), input_name(model, spec, path)
    names = output_names([entry.name for entry in model.graph.output], spec, path)
    image = torch.zeros(1, spec.patch, spec.patch, 3, dtype=torch.uint8)
    before = exported(Before(spec.pixels), (image,), ["image"], ["x"], opset)
    examples = tuple(torch.from_numpy(output) for output in outputs)
    heads = ["np", "hv", "types"][: len(examples)]
    behind = exported(Behind(spec), examples, heads, ["maps"], opset)

    parts = {"before": before, "net": model, "behind": behind}
    graphs = [compose.add_prefix(part, f"{name}/", inplace=True).graph for name, part in parts.items()]
    ties = [("image", "before/image"), ("before/x", f"net/{source}")]
    ties += [(f"net/{name}", f"behind/{head}") for name, head in zip(names, heads, strict=True)]
    links = [helper.make_node("Identity", [a], [b], name=f"tie {a} {b}") for a, b in ties]
    nodes = [links[0], *graphs[0].node, links[1], *graphs[1].node, *links[2:], *graphs[2].node]
    nodes.append(helper.make_node("Identity", ["behind/maps"], ["maps"], name="tie maps"))
    graph = model.graph
    for part in (graphs[0], graphs[2]):
        graph.initializer.extend(part.initializer)
    del graph.node[:], graph.input[:], graph.output[:], graph.value_info[:]  # shapes in it may have a fixed batch
    graph.node.extend(nodes)
    graph.input.append(typed("image", spec.patch, 3))
    graph.output.append(typed("maps", spec.kept, 4))
    graph.name = spec.name
    del model.metadata_props[:]
    return model


def typed(name: str, side: int, channels: int):
    return helper.make_tensor_value_info(name, TensorProto.UINT8, ["n", side, side, channels])


def onnx_source(path: Path, spec: Spec) -> Callable[[np.ndarray], list[np.ndarray]]:
    """The net by itself: uint8 patches [n, patch, patch, 3] -> its outputs of np, hv and types, patch by patch."""
    try:
        session = open_session(path)
    except Exception as error:  # ONNX Runtime's own
        raise unreadable(path, error) from error
    names = output_names([output.name for output in session.get_outputs()], spec, path)
    model = onnx.load(path, load_external_data=False)
    source = input_name(model, spec, path)

    def run(patches: np.ndarray) -> list[np.ndarray]:
        try:
            found = [session.run(names, {source: prepared(patch[None], spec.pixels)}) for patch in patches]
        except Exception as error:  # ONNX Runtime's own
            raise DistillError(f"{path}: does not run on what the spec says it takes: {first_line(error)}") from error
        return [np.concatenate(parts) for parts in zip(*found, strict=True)]

    return run
