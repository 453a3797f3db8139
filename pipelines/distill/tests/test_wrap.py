"""Nets of other hands, small and with random weights, through `wrap`: what comes out is what they give, packed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hoverslide_distill.cli import main
from hoverslide_distill.errors import DistillError
from hoverslide_distill.evaluation.infer import open_session
from hoverslide_distill.models.hovernet import MODES
from hoverslide_distill.steps import wrap as wrap_step
from hoverslide_distill.steps.card import read_card
from hoverslide_distill.steps.wrap import wrap
from hoverslide_distill.wrapping.spec import SHIPPED, parse_spec, read_spec
from synthetic import make_field, write_pack
from torch import Tensor, nn

PLAIN = {
    "name": "plain",
    "architecture": "one convolution",
    "input": {"layout": "nchw", "type": "float32", "scale": 1 / 255},
    "heads": {
        "np": {"output": "np", "activation": "logits"},
        "hv": {"output": "hv", "order": "hv"},
        "type": {"output": "type", "background": True},
    },
    "patch": 64,
    "kept": 48,
    "mpp": 0.25,
    "classes": "pannuke",
    "training": "none",
    "licence": "none",
    "limits": "all",
}


def changed(**changes) -> dict:
    """PLAIN with changes by path, parts of which a double underscore separates; None takes a field out."""
    content = json.loads(json.dumps(PLAIN))
    for path, value in changes.items():
        *parents, key = path.split("__")
        part = content
        for parent in parents:
            part = part[parent]
        part[key] = value
        if value is None:
            del part[key]
    return content


class Small(nn.Module):
    """One convolution of RGB; its channels by name. applied: what is done to np."""

    def __init__(self, heads: dict[str, int], crop: int = 0, applied: str = "logits", scale: float = 1, nhwc=False):
        super().__init__()
        self.conv = nn.Conv2d(3, sum(heads.values()), 3, padding=1)
        self.heads, self.crop, self.applied, self.scale, self.nhwc = heads, crop, applied, scale, nhwc

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        if self.nhwc:
            x = x.permute(0, 3, 1, 2)
        y = self.conv(x.float() * self.scale - 0.5)
        if self.crop:
            y = y[:, :, self.crop : -self.crop, self.crop : -self.crop]
        found = dict(zip(self.heads, y.split(list(self.heads.values()), 1), strict=True))
        if self.applied != "logits":
            found["np"] = found["np"].softmax(1) if self.applied == "softmax" else found["np"].sigmoid()
        return {name: part.permute(0, 2, 3, 1) for name, part in found.items()} if self.nhwc else found


def to_onnx(net: nn.Module, path: Path, example: Tensor, names: list[str], any_batch=True, opset=17) -> Path:
    axes = {name: {0: "batch"} for name in ("image", *names)} if any_batch else None
    # Its input is called as ours is: names must not meet.
    named = {"input_names": ["image"], "output_names": names, "dynamic_axes": axes, "opset_version": opset}
    torch.onnx.export(net.eval(), (example,), path, dynamo=False, **named)
    return path


def plain_net(path: Path, opset: int = 17) -> Path:
    net = Small({"np": 2, "hv": 2, "type": 6})
    return to_onnx(net, path, torch.zeros(1, 3, 64, 64), ["np", "hv", "type"], opset=opset)


def tissue(count: int, side: int) -> np.ndarray:
    tiles = np.stack([make_field(64, seed, 4)[0] for seed in range(count)])
    return np.tile(tiles, (1, side // 64 + 1, side // 64 + 1, 1))[:, :side, :side]


def maps_of(path: Path, image: np.ndarray) -> np.ndarray:
    return open_session(path).run(["maps"], {"image": image})[0]


# What each of the known nets gives, in its order: channels by output.
CELLVIT = {"tissue_types": 19, "nuclei_binary_map": 2, "hv_map": 2, "nuclei_type_map": 6}
KNOWN = {
    "cellvit-256": CELLVIT,
    "cellvit-sam-h": CELLVIT,
    "nulite": CELLVIT,
    "lkcell": CELLVIT,
    "hovernet-fast": {"tp": 6, "np": 2, "hv": 2},
    "hover-unet": {"output": 10},
}


def test_all_shipped_specs_are_known():
    assert {path.stem for path in SHIPPED.glob("*.json")} == set(KNOWN)


@pytest.mark.parametrize("name", KNOWN)
def test_shipped_specs(name, tmp_path):
    """Packed maps against a computation by hand from the net in PyTorch; of nets alike but for their card, of one alone
    at full size.
    """
    spec, heads = read_spec(name), KNOWN[name]
    if name != "cellvit-256" and spec.patch == 1024:
        assert spec.kept == 960
        spec = replace(spec, patch=192, kept=128)
    crop = (MODES["fast"].patch - MODES["fast"].kept) // 2 if name == "hovernet-fast" else 0
    net = Small(heads, crop, scale=1 / 255 if name == "hovernet-fast" else 1)
    source = to_onnx(net, tmp_path / "net.onnx", torch.zeros(1, 3, spec.patch, spec.patch), list(heads))
    out = tmp_path / "ours.onnx"
    shares = wrap(source, spec, out, tissue)
    assert min(shares.values()) > 0.999
    card = read_card(out)
    assert card["name"] == spec.name and card["patch"] == spec.patch and card["stride"] == spec.kept
    assert "net.onnx, SHA-256" in card["training"] and "seamless" not in card and len(card["version"]) == 12
    assert [entry["role"] for entry in card["classes"][1:]] == ["tumour", "immune", "stromal", "dead", "epithelial"]

    image = tissue(1, spec.patch)[:1]
    x = torch.from_numpy(image).permute(0, 3, 1, 2).float()
    x = {"hovernet-fast": x, "hover-unet": x / 255}.get(name, (x / 255 - 0.5) / 0.5)
    with torch.no_grad():
        found = torch.cat([part for key, part in net(x).items() if key != "tissue_types"], 1)
    order = [6, 7, 8, 9, 0, 1, 2, 3, 4, 5] if name == "hovernet-fast" else list(range(10))
    margin = (found.shape[2] - spec.kept) // 2
    found = found[0, order, margin : margin + spec.kept, margin : margin + spec.kept].numpy()
    maps = maps_of(out, image)[0].astype(int)
    p = np.exp(found[1]) / (np.exp(found[0]) + np.exp(found[1]))
    assert np.abs(maps[..., 0] - np.floor(256 * p).clip(max=255)).max() <= 1
    assert np.abs(maps[..., 1:3] - (np.rint(100 * found[2:4]) + 128).clip(0, 255).transpose(1, 2, 0)).max() <= 1
    assert (maps[..., 3] == found[4:].argmax(0)).mean() > 0.999


FORMS = {
    "softmax, bytes, channels last, vertical first": (
        Small({"np": 2, "hv": 2, "type": 6}, applied="softmax", scale=1 / 255, nhwc=True),
        {"input": {"layout": "nhwc", "type": "uint8"}, "layout": "nhwc", "heads__np__activation": "softmax"}
        | {"heads__hv__order": "vh"},
    ),
    "sigmoid, no classes": (
        Small({"np": 1, "hv": 2}, applied="sigmoid"),
        {"heads__np__activation": "sigmoid", "heads__type": None, "classes": "none"},
    ),
    "one logit, distances in pixels, no background among classes": (
        Small({"np": 1, "hv": 2, "type": 4}),
        {"heads__hv__scale": 0.5, "heads__type__background": False, "classes": "consep"},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_other_forms_of_input_and_heads(form, tmp_path):
    net, changes = FORMS[form]
    spec = parse_spec(changed(**changes), "spec.json")
    example = torch.zeros(1, 64, 64, 3, dtype=torch.uint8) if net.nhwc else torch.zeros(1, 3, 64, 64)
    source = to_onnx(net, tmp_path / "net.onnx", example, list(net.heads))
    wrap(source, spec, tmp_path / "ours.onnx", tissue)
    image = tissue(1, 64)
    maps = maps_of(tmp_path / "ours.onnx", image).astype(int)
    x = torch.from_numpy(image) if net.nhwc else torch.from_numpy(image).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        found = {key: part[:, 8:-8, 8:-8].numpy() if net.nhwc else part[:, :, 8:-8, 8:-8].permute(0, 2, 3, 1).numpy()
                 for key, part in net(x).items()}  # fmt: skip
    p = found["np"][..., -1] if net.applied != "logits" else 1 / (1 + np.exp(-found["np"][..., 0]))
    hv = found["hv"][..., ::-1] if net.nhwc else found["hv"] * spec.hv.scale
    assert np.abs(maps[..., 0] - np.floor(256 * p)).max() <= 1
    assert np.abs(maps[..., 1:3] - (np.rint(100 * hv) + 128).clip(0, 255)).max() <= 1
    if "type" in found:
        assert (maps[..., 3] == found["type"].argmax(-1) + (not spec.types.background)).mean() > 0.999
    else:
        assert np.array_equal(maps[..., 3], maps[..., 0] >= 128)
    names = {"softmax": 6, "sigmoid": 2, "logits": 5}
    assert len(read_card(tmp_path / "ours.onnx")["classes"]) == names[net.applied]


@pytest.mark.parametrize("form", ["ts", "pt2"])
def test_pytorchs_own_forms(form, tmp_path):
    net, source = Small({"np": 2, "hv": 2, "type": 6}).eval(), tmp_path / f"net.{form}"
    example = torch.zeros(2, 3, 64, 64)
    if form == "ts":
        torch.jit.trace(net, example, strict=False).save(source)
    else:
        batch = {0: torch.export.Dim.AUTO}
        torch.export.save(torch.export.export(net, (example,), dynamic_shapes=(batch,)), source)
    spec = parse_spec(PLAIN, "spec.json")
    wrap(source, spec, tmp_path / "a.onnx", tissue)
    reference = to_onnx(net, tmp_path / "net.onnx", example, ["np", "hv", "type"])
    wrap(reference, spec, tmp_path / "b.onnx", tissue)
    a, b = (maps_of(tmp_path / name, tissue(2, 64)) for name in ("a.onnx", "b.onnx"))
    assert (a == b).mean() > 0.999


@pytest.mark.parametrize("opset", [11, 20])
def test_older_and_newer_files(opset, tmp_path):
    wrap(plain_net(tmp_path / "net.onnx", opset), parse_spec(PLAIN, "spec.json"), tmp_path / "ours.onnx", tissue)
    found = next(entry.version for entry in onnx.load(tmp_path / "ours.onnx").opset_import if not entry.domain)
    assert found == max(opset, 13)


def test_weights_in_a_second_file_and_large_ones(tmp_path, monkeypatch):
    source = plain_net(tmp_path / "plain.onnx")
    model = onnx.load(source)
    outside = tmp_path / "net.onnx"
    onnx.save(model, outside, save_as_external_data=True, location="net.onnx.data", size_threshold=0)
    assert (tmp_path / "net.onnx.data").exists()
    spec, out = parse_spec(PLAIN, "spec.json"), tmp_path / "ours.onnx"
    wrap(outside, spec, out, tissue)
    (tmp_path / "net.onnx.data").unlink()
    whole = maps_of(out, tissue(2, 64))
    with pytest.raises(DistillError, match="net.onnx: expected an ONNX file"):
        wrap(outside, spec, out, tissue)

    half = tmp_path / "half.onnx"
    wrap(source, spec, half, tissue, half_weights=True)
    assert onnx.TensorProto.FLOAT16 in {tensor.data_type for tensor in onnx.load(half).graph.initializer}
    assert (maps_of(half, tissue(2, 64))[..., 3] == whole[..., 3]).mean() > 0.99
    monkeypatch.setattr(wrap_step, "MOST_BYTES", 2**24 + 100)
    with pytest.raises(DistillError, match="expected at most 100 bytes of weights in one ONNX file, .*--half-weights"):
        wrap(source, spec, out, tissue)


def test_a_net_for_one_patch_at_a_time_is_refused(tmp_path):
    class Fixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = Small({"np": 2, "hv": 2, "type": 6})

        def forward(self, x: Tensor) -> list[Tensor]:
            return [part.reshape(1, part.shape[1], 64, 64) for part in self.net(x).values()]

    source = to_onnx(Fixed(), tmp_path / "net.onnx", torch.zeros(1, 3, 64, 64), ["np", "hv", "type"], any_batch=False)
    with pytest.raises(DistillError, match="net.onnx: does not run on 12 patches at once: export the net with a batch"):
        wrap(source, parse_spec(PLAIN, "spec.json"), tmp_path / "ours.onnx", tissue)
    assert [path.name for path in tmp_path.iterdir()] == ["net.onnx"]


WRONG = {
    "spec.json: patch: expected a whole number of 1 to 1024, found 2048": {"patch": 2048},
    "spec.json: kept: expected at most the patch": {"kept": 47},
    "spec.json: input.layout: expected one of nchw, nhwc, found 'chw'": {"input__layout": "chw"},
    "spec.json: input.std: expected 3 numbers, found": {"input__std": [1, 1]},
    "spec.json: heads.np.activation: expected one of": {"heads__np__activation": "relu"},
    "spec.json: heads.hv.order: expected this field": {"heads__hv__order": None},
    "spec.json: heads.type.background: expected true or false": {"heads__type__background": "yes"},
    "spec.json: clases: expected no such field": {"clases": []},
    "spec.json: classes.0.color: expected": {"classes": [{"name": "a", "color": "red"}]},
    "spec.json: classes: expected classes where there is a head of types": {"classes": "none"},
}
MISLEADING = {
    "heads.np.activation: expected probabilities after softmax, found 2 channels of": {
        "heads__np__activation": "softmax"
    },
    "heads.np: expected 1 or 2 channels, found 6": {"heads__np__output": "type"},
    "heads.hv.output: expected one of the outputs of .*0 np, 1 hv, 2 type.*, found 'distances'": {
        "heads__hv__output": "distances"
    },
    "heads.type.channels: expected at most 6": {"heads__type__channels": [0, 7]},
    "heads.hv.scale: expected one that brings distances to -1..1": {"heads__hv__scale": 100},
    "heads.type: the net has 5 classes beside background, the table of classes 4": {"classes": "consep"},
    "heads.np.output: expected maps .* of at least 64 px with an even margin": {"kept": 64},
    "input.name: expected one of its inputs, image, found 'x'": {"input__name": "x"},
}


def test_wrong_specs_are_refused_by_name_of_the_field(tmp_path):
    for message, changes in WRONG.items():
        with pytest.raises(DistillError, match=message):
            parse_spec(changed(**changes), "spec.json")
    source = to_onnx(
        Small({"np": 2, "hv": 2, "type": 6}, crop=4),
        tmp_path / "net.onnx",
        torch.zeros(1, 3, 64, 64),
        ["np", "hv", "type"],
    )
    for message, changes in MISLEADING.items():
        with pytest.raises(DistillError, match=message):
            wrap(source, parse_spec(changed(**changes), "spec.json"), tmp_path / "ours.onnx", tissue)
    with pytest.raises(DistillError, match="--spec nuliet: expected one of cellvit-256, .* or a JSON file"):
        read_spec("nuliet")


class Dark(nn.Module):
    """Dark pixels are nuclei; distances grow to the right and down within them."""

    def forward(self, x: Tensor) -> Tensor:
        dark = 0.62 - x.mean(1, keepdim=True)
        ramp = torch.linspace(-1, 1, 64)
        h = ramp[None, None, None, :] * (dark > 0)
        v = ramp[None, None, :, None] * (dark > 0)
        return torch.cat([20 * dark, h, v], 1)


def test_a_wrapped_net_is_measured_and_calibrated(tmp_path, capsys, threads):
    """By the command line: a net without classes that gives packed maps alone."""
    write_pack(tmp_path / "data", "consep", 256, 40, fields=1)
    source = to_onnx(Dark(), tmp_path / "net.onnx", torch.zeros(1, 3, 64, 64), ["all"])
    heads = {
        "np": {"output": 0, "channels": [0, 1], "activation": "logits"},
        "hv": {"output": 0, "channels": [1, 3], "order": "hv"},
    }
    (tmp_path / "spec.json").write_text(json.dumps(changed(heads=heads, classes="none")))
    data, net = ["--data", str(tmp_path / "data")], str(tmp_path / "ours.onnx")
    assert main(["wrap", str(source), "--spec", str(tmp_path / "spec.json"), *data, "--out", net]) == 0
    constants, scores = tmp_path / "constants.json", tmp_path / "scores.json"
    assert main(["calibrate", *data, "--net", net, "--out", str(constants)]) == 0
    assert (
        main(
            ["measure", *data, "--fields", "training", "--net", net, "--seamless", str(constants), "--out", str(scores)]
        )
        == 0
    )
    assert "its classes (unclassified, nucleus) are not the labels'" in capsys.readouterr().err
    found = json.loads(scores.read_text())[net]["seamless"]["consep"]
    assert found["dice"] > 0.9 and found.keys() == {"dice", "PQ", "F_d"}
    soften = ["soften", "--store", str(tmp_path / "store"), "--teacher", net]
    assert main(["prepare", *data, "--store", str(tmp_path / "store")]) == 0
    assert main(soften) == 1
    assert "expected a teacher of the classes unclassified, neoplastic" in capsys.readouterr().err
