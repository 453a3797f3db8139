"""HoVer-Net against what hover_net's own code gives (`hovernet.json`), through the files that its authors publish."""

import json
import re

import numpy as np
import pytest
import torch
from hovernet_seed import KINDS, TABLE, digest, fingerprint, seeded_hovernet, seeded_patch
from hoverslide_distill.cli import main
from hoverslide_distill.data.classes import TABLES, read_classes
from hoverslide_distill.errors import DistillError
from hoverslide_distill.evaluation.infer import open_session
from hoverslide_distill.models import hovernet
from hoverslide_distill.models.load import load_teacher
from hoverslide_distill.steps.card import read_card
from hoverslide_distill.steps.import_checkpoint import import_checkpoint
from hoverslide_distill.steps.loaded import load_net
from synthetic import write_pack

EXPECTED = json.loads(TABLE.read_text())
NORMS = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def their_layer(ours: str) -> str:
    """hover_net's name of one of our layers, written anew from its code."""
    first = {"0": "conv1", "1": "conv1/bn", "3": "conv2", "4": "conv2/bn", "6": "conv3"}
    later = {"0": "preact/bn", "2": "conv1", "3": "conv1/bn", "5": "conv2", "6": "conv2/bn", "8": "conv3"}
    dense = {"0": "preact_bna/bn", "2": "conv1", "3": "conv1/bn", "5": "conv2"}
    part = {"0": "conva", "2": "convf", "1.last.0": "dense.blk_bna.bn"}
    rules = [
        (r"stem\.0", lambda m: "conv0./"),
        (r"stem\.1", lambda m: "conv0.bn"),
        (r"bottom", lambda m: "conv_bot"),
        (r"stages\.(\d)\.shortcut", lambda m: f"d{m[1]}.shortcut"),
        (r"stages\.(\d)\.last\.0", lambda m: f"d{m[1]}.blk_bna.bn"),
        (r"stages\.(\d)\.units\.0\.(\d)", lambda m: f"d{m[1]}.units.0.{first[m[2]]}"),
        (r"stages\.(\d)\.units\.(\d)\.(\d)", lambda m: f"d{m[1]}.units.{m[2]}.{later[m[3]]}"),
        (r"up1", lambda m: "u1.conva"),
        (r"head\.0", lambda m: "u0.bn"),
        (r"head\.2", lambda m: "u0.conv"),
        (r"up(\d)\.1\.units\.(\d)\.(\d)", lambda m: f"u{m[1]}.dense.units.{m[2]}.{dense[m[3]]}"),
        (r"up(\d)\.(0|2|1\.last\.0)", lambda m: f"u{m[1]}.{part[m[2]]}"),
    ]
    branch = re.fullmatch(r"branches\.(\d)\.(.+)", ours)
    if branch:
        return f"decoder.{('np', 'hv', 'tp')[int(branch[1])]}.{their_layer(branch[2])}"
    return next(name(match) for pattern, name in rules if (match := re.fullmatch(pattern, ours)))


def their_state(model: hovernet.HoverNet) -> dict[str, torch.Tensor]:
    """A state dict as hover_net's code has it."""
    names = {name: name.rpartition(".") for name in model.state_dict()}
    state = {f"{their_layer(names[n][0])}.{names[n][2]}": value for n, value in model.state_dict().items()}
    return state | {"upsample2x.unpool_mat": torch.ones(2, 2)}


@pytest.mark.parametrize("kind", KINDS)
def test_imported_files_give_what_hover_nets_code_gives(kind, tmp_path):
    mode, classes, side = KINDS[kind]
    model = seeded_hovernet(mode, classes)
    state = their_state(model)
    expected = EXPECTED[kind]
    assert len(state) == expected["tensors"]
    assert fingerprint({name: value.shape for name, value in state.items()}) == expected["names"]

    without_counts = {name: value for name, value in state.items() if not name.endswith("num_batches_tracked")}
    files = {
        "fast 6": {"desc": without_counts},
        "fast 0": {"desc": {f"module.{name}": value for name, value in state.items()}},
        "original 5": without_counts,  # as TIAToolbox saves it
    }
    torch.save(files[kind], tmp_path / "theirs.tar")
    table = {"fast 6": TABLES["pannuke"], "fast 0": (), "original 5": TABLES["consep"]}[kind]
    import_checkpoint(tmp_path / "theirs.tar", tmp_path / "ours.pt", table)
    net = load_net(tmp_path / "ours.pt")
    assert (net.shape.patch, net.shape.kept) == {"fast": (256, 164), "original": (270, 80)}[mode]
    assert net.about.classes == table and net.about.licence == "not stated"
    if not classes:  # the table has the same for it as for the net with classes, whose branches of np and hv it has
        assert expected["outputs"] == {name: EXPECTED["fast 6"]["outputs"][name] for name in ("np", "hv")}
        return
    with torch.inference_mode():
        output = net.model(seeded_patch(side).float() / 255)
    parts = dict(zip(("np", "hv", "tp"), output.split([2, 2, classes], 1), strict=False))
    for name, part in expected["outputs"].items():
        found = digest(parts[name])
        assert found["shape"] == part["shape"]
        assert found["norm"] == pytest.approx(part["norm"], rel=1e-4), name
        assert found["values"] == pytest.approx(part["values"], abs=1e-3), name


def test_what_is_no_file_of_a_hover_net_is_refused(tmp_path):
    with torch.device("meta"):
        named = their_state(hovernet.HoverNet("fast", 5))
    state = {name: torch.zeros(()).expand(value.shape) for name, value in named.items()}
    source, out = tmp_path / "theirs.tar", tmp_path / "ours.pt"
    torch.save({"desc": state}, source)
    with pytest.raises(DistillError, match="the net has 4 classes beside background, the table of classes 5"):
        import_checkpoint(source, out)
    with pytest.raises(DistillError, match="`import` makes one of ours"):
        load_teacher(source)
    torch.save({"desc": state | {"decoder.np.u9.conv.weight": torch.zeros(1)}}, source)
    with pytest.raises(DistillError, match="found 'decoder.np.u9.conv.weight' too"):
        import_checkpoint(source, out, TABLES["monusac"])
    del state["d2.units.3.conv2.weight"]
    torch.save({"desc": state}, source)
    with pytest.raises(DistillError, match="stages.2.units.3.5.weight"):
        import_checkpoint(source, out, TABLES["monusac"])
    assert not out.exists()


def test_class_tables_from_json(tmp_path):
    file = tmp_path / "type_info.json"
    file.write_text(
        json.dumps({"0": ["nolabe", [0, 0, 0]], "1": ["neopla", [255, 0, 0]], "2": ["inflam", [0, 255, 0]]})
    )
    assert [(c.name, c.color) for c in read_classes(str(file))] == [("neopla", (255, 0, 0)), ("inflam", (0, 255, 0))]
    file.write_text(json.dumps([{"name": "tumour", "color": [1, 2, 3], "role": "tumour"}]))
    assert read_classes(str(file))[0].role == "tumour"
    wrong = {
        "0.role: expected one of": [{"name": "tumour", "color": [1, 2, 3], "role": "bad"}],
        "0.color: expected": [{"name": "tumour", "color": [1, 2, 300]}],
        "expected the ids '0'": {"1": ["a", [0, 0, 0]]},
    }
    for message, content in wrong.items():
        file.write_text(json.dumps(content))
        with pytest.raises(DistillError, match=message):
            read_classes(str(file))
    with pytest.raises(DistillError, match="--classes: expected pannuke"):
        read_classes("panuke")


def test_from_hover_nets_file_to_an_onnx_file(tmp_path, monkeypatch, capsys):
    """By the command line; of smaller patches and with fewer units, for the sake of time."""
    monkeypatch.setitem(hovernet.MODES, "fast", hovernet.Mode(104, 12, 3, 3))
    monkeypatch.setattr(hovernet, "ENCODER", tuple((i, o, 1, stride) for i, o, _, stride in hovernet.ENCODER))
    model = seeded_hovernet("fast", 0)
    theirs, ours, file = (tmp_path / name for name in ("theirs.tar", "ours.pt", "net.onnx"))
    torch.save({"desc": their_state(model)}, theirs)
    write_pack(tmp_path / "data", "kumar", 256, 30, fields=2)
    assert main(["import", str(theirs), "--out", str(ours), "--licence", "CC BY 4.0"]) == 0
    assert "HoVer-Net, fast; 0.25 um/px; classes: unclassified, nucleus; licence: CC BY 4.0" in capsys.readouterr().out
    names = ["--name", "kumar", "--version", "1", "--out", str(file)]
    assert main(["export", "--net", str(ours), "--data", str(tmp_path / "data"), *names]) == 0

    card = read_card(file)
    assert (card["architecture"], card["patch"], card["stride"]) == ("HoVer-Net, fast", 104, 12)
    assert [entry["name"] for entry in card["classes"]] == ["unclassified", "nucleus"]
    assert card["licence"] == "CC BY 4.0" and card["limits"] == "not stated" and "seamless" not in card
    assert card["training"].startswith("not by hoverslide: theirs.tar, SHA-256 ")
    patch = seeded_patch(104)
    maps = open_session(file).run(["maps"], {"image": patch.permute(0, 2, 3, 1).numpy()})[0]
    with torch.inference_mode():
        logits = model(patch.float() / 255)
    nucleus = logits[:, :2].softmax(1)[:, 1].numpy()
    assert maps.shape == (1, 12, 12, 4) and maps.dtype == np.uint8
    assert np.abs(maps[..., 0] - np.floor(256 * nucleus)).max() <= 1
    assert np.array_equal(maps[..., 3], maps[..., 0] >= 128)
