"""The steps through the command line, from labels to an ONNX file, on made-up fields."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hoverslide_distill.cli import main
from hoverslide_distill.data.store import open_store
from hoverslide_distill.errors import DistillError
from hoverslide_distill.evaluation.infer import Net, open_session
from hoverslide_distill.evaluation.postprocess import Ranges
from hoverslide_distill.losses.distillation import Mix
from hoverslide_distill.models.load import load_student
from hoverslide_distill.models.packed import pack_logits
from hoverslide_distill.models.unet import Student
from hoverslide_distill.steps.card import Provenance, read_card
from hoverslide_distill.steps.export import agreement, export
from hoverslide_distill.steps.fields import sample_patches
from hoverslide_distill.steps.float16 import to_float16
from hoverslide_distill.steps.soften import soft_maps
from hoverslide_distill.steps.student import distilled_loss, live_maps
from onnx import numpy_helper
from synthetic import make_field, write_pack

MODELS = Path(__file__).parents[3] / "models"


def test_teacher_soften_student(tmp_path):
    write_pack(tmp_path / "data", "consep", 160, 20, fields=3)
    store, teacher, student = (str(tmp_path / name) for name in ("store", "teacher", "student"))
    short = ["--steps", "1", "--batch", "1", "--workers", "0", "--device", "cpu"]
    assert main(["prepare", "--data", str(tmp_path / "data"), "--store", store]) == 0
    assert main(["student", "--store", store, "--out", student, "--alpha", "0.5", *short]) == 1  # no teacher yet
    assert main(["teacher", "--store", store, "--out", teacher, *short]) == 0
    soften = ["soften", "--store", store, "--teacher", f"{teacher}/checkpoint.pt", "--batch", "1", "--device", "cpu"]
    assert main(soften) == 0
    soft = {field.name: field.has("soft") for field in open_store(tmp_path / "store")}
    assert soft == {"train_1": True, "train_2": True, "train_3": False}  # train_3 is for validation

    made, lost = (field.path("soft") for field in open_store(tmp_path / "store")[:2])
    expected, untouched = np.load(lost), made.stat().st_mtime_ns
    lost.unlink()  # as after a kill
    assert main(soften) == 0
    assert np.array_equal(np.load(lost), expected) and made.stat().st_mtime_ns == untouched

    out, checkpoint = tmp_path / "teacher.json", f"{teacher}/checkpoint.pt"
    measure = ["measure", "--data", str(tmp_path / "data"), "--net", checkpoint, "--out", str(out), "--device", "cpu"]
    assert main(measure) == 0
    scores = json.loads(out.read_text())[checkpoint]["reference"]
    assert scores.keys() == {"consep", "mean"} and {"PQ", "mPQ", "F_d"} <= scores["mean"].keys()

    assert main(["student", "--store", store, "--out", student, "--alpha", "0.5", "--temperature", "3", *short]) == 0
    log = json.loads((tmp_path / "student/log.jsonl").read_text())
    assert log["step"] == 1 and np.isfinite(log["loss"]) and {"np_kl", "nc_dice"} <= log.keys()


def test_calibrate_measure_export(tmp_path):
    write_pack(tmp_path / "data", "consep", 256, 40, fields=3)
    net, constants, onnx_file = (str(tmp_path / name) for name in ("net.pt", "seamless.json", "net.onnx"))
    student = Student("b0")
    student.segmentation_head[0].weight.data *= 20  # so that maps are not flat
    torch.save({"model": student.state_dict()}, net)
    data = ["--data", str(tmp_path / "data")]
    assert main(["calibrate", *data, "--net", net, "--out", constants, "--device", "cpu"]) == 0
    found = json.loads((tmp_path / "seamless.json").read_text())
    assert found["fields"] == 2  # train_3 is for validation
    assert found["h"][0] < 0 < found["h"][1] and 0 <= found["PQ reference"] <= 1
    (tmp_path / "measures.json").write_text(json.dumps({"validation": {"PQ": 0.0}}))
    names = ["--name", "net", "--version", "1", "--training", "none", "--measures", str(tmp_path / "measures.json")]
    assert main(["export", *data, "--net", net, "--seamless", constants, *names, "--out", onnx_file]) == 0
    out = tmp_path / "scores.json"
    nets = ["--net", net, "--net", onnx_file]
    assert main(["measure", *data, *nets, "--seamless", constants, "--out", str(out), "--device", "cpu"]) == 0
    scores = json.loads(out.read_text())
    assert set(scores) == {net, onnx_file}
    assert scores[net].keys() == scores[onnx_file].keys() == {"reference", "seamless"}
    dice, of_file = (scores[name]["reference"]["consep"]["dice"] for name in (net, onnx_file))
    assert dice == pytest.approx(of_file, abs=0.01)


def test_a_student_teaches_a_student(tmp_path):
    write_pack(tmp_path / "data", "consep", 96, 10, fields=1)
    store, lite, small = (tmp_path / name for name in ("store", "lite", "small.pt"))
    short = ["--store", str(store), "--steps", "1", "--batch", "2", "--workers", "0", "--device", "cpu"]
    assert main(["prepare", "--data", str(tmp_path / "data"), "--store", str(store)]) == 0
    run = ["student", *short, "--out", str(lite), "--encoder", "lite0", "--imagenet", "--encoder-share", "0.3"]
    assert main(run) == 0
    assert main(["checkpoint", "--net", str(lite / "checkpoint.pt"), "--out", str(small)]) == 0
    assert small.stat().st_size < 15e6 and torch.load(small, weights_only=True)["steps"] == 1
    full, halved = load_student(lite / "checkpoint.pt"), load_student(small, "lite0")
    for (name, value), other in zip(full.state_dict().items(), halved.state_dict().values(), strict=True):
        assert torch.allclose(value.float(), other.float(), rtol=1e-3, atol=1e-6), name
    again = ["student", *short, "--out", str(tmp_path / "again"), "--encoder", "lite0", "--init", str(small)]
    assert main(again) == 0

    assert main(["soften", "--store", str(store), "--teacher", str(small), "--device", "cpu"]) == 0
    assert open_store(store)[0].read("soft").shape == (10, 96, 96)
    assert main(["student", *short, "--out", str(tmp_path / "b0"), "--alpha", "0.5"]) == 0


def test_the_mean_of_two_checkpoints(tmp_path, capsys):
    one, other, out = (tmp_path / name for name in ("one.pt", "other.pt", "mean.pt"))
    nets = [Student("lite0"), Student("lite0")]
    for net, value, path in zip(nets, (0.0, 1.0), (one, other), strict=True):
        torch.nn.init.constant_(net.segmentation_head[0].weight, value)
        torch.save({"model": net.state_dict()}, path)
    assert main(["checkpoint", "--net", str(one), "--mean-with", str(other), "--share", "0.25", "--out", str(out)]) == 0
    assert (load_student(out).segmentation_head[0].weight == 0.25).all()
    torch.save({"model": Student("b0").state_dict()}, other)
    assert main(["checkpoint", "--net", str(one), "--mean-with", str(other), "--out", str(out)]) == 1
    assert "expected a net with encoder lite0, found b0" in capsys.readouterr().err


def test_a_teacher_teaches_crop_by_crop(tmp_path, capsys):
    """A student that says what its teacher says has no divergence from it, on any crop."""
    write_pack(tmp_path / "data", "consep", 96, 10, fields=1)
    store, teacher = tmp_path / "store", tmp_path / "teacher.pt"
    assert main(["prepare", "--data", str(tmp_path / "data"), "--store", str(store)]) == 0
    torch.manual_seed(4)
    torch.save({"model": Student("lite0").state_dict()}, teacher)
    run = ["student", "--store", str(store), "--batch", "2", "--workers", "0", "--device", "cpu", "--steps", "1"]
    run += ["--teacher", str(teacher), "--out", str(tmp_path / "b0")]
    assert main(run) == 1
    assert "--teacher: expected --alpha too" in capsys.readouterr().err
    assert main([*run, "--alpha", "0"]) == 0
    (line,) = map(json.loads, (tmp_path / "b0/log.jsonl").read_text().splitlines())
    assert line["np_ce"] == 0 < line["np_kl"]

    net, batch = load_student(teacher), {"image": torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)}
    batch |= {"label": torch.zeros(2, 64, 64, dtype=torch.uint8), "hv": torch.zeros(2, 64, 64, 2, dtype=torch.int8)}
    output = live_maps(net, batch, torch.device("cpu"))
    losses = distilled_loss(Mix(0.0), maps=partial(live_maps, net))(output, batch)
    assert losses["np_kl"] == 0 == losses["hv_soft_mse"]


@pytest.mark.parametrize("patch, kept", [(256, 164), (256, 192), (270, 80)])
def test_soft_maps_lie_where_the_pixels_are(patch, kept):
    """A teacher that gives the red channel of its centre."""
    margin = (patch - kept) // 2
    inner = slice(margin, patch - margin)
    teacher = Net(lambda patches: patches[:, None, inner, inner, 0].repeat(10, 1).astype(np.float32), kept, patch)
    image, *_ = make_field(200, 6, 20)
    maps = soft_maps(teacher, image[:, :150], batch=4)
    assert maps.shape == (10, 200, 150)
    assert np.array_equal(maps[4], image[:, :150, 0])


def test_export_names_the_encoder(tmp_path):
    torch.save({"model": Student("lite0").state_dict()}, tmp_path / "net.pt")
    patches = make_field(256, 1, 60)[0][None]
    net = tmp_path / "net.onnx"
    export(
        tmp_path / "net.pt",
        net,
        Ranges((-2.0, 1.0), (-3.0, 1.5)),
        Provenance("net", "1", "not at all"),
        lambda side: patches,
    )
    assert read_card(net)["architecture"] == "U-Net, EfficientNet-Lite0 encoder (HoVer-UNet)"


def test_export_equals_pytorch(tmp_path):
    student = Student("b0").eval()
    for module in student.modules():  # as after training: statistics that are not the initial ones
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    torch.save({"model": student.state_dict()}, tmp_path / "net.pt")
    patches = np.stack([make_field(256, seed, 60)[0] for seed in (1, 2, 3)])
    out = tmp_path / "net.onnx"
    ranges = Ranges((-2.0, 1.0), (-3.0, 1.5))
    provenance = Provenance("net", "1", "not at all", quality={"probability": 0.75})
    shares = export(tmp_path / "net.pt", out, ranges, provenance, lambda side: patches)
    assert shares["nucleus"] > 0.995 and out.stat().st_size < 15 * 2**20

    session = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    maps, logits = session.run(["maps", "logits"], {"image": patches})
    with torch.no_grad():
        middle = student(torch.from_numpy(patches).permute(0, 3, 1, 2) / 255)[:, :, 32:-32, 32:-32]
    expected, expected_logits = pack_logits(middle).numpy(), middle.numpy()
    assert maps.shape == (3, 192, 192, 4) and maps.dtype == np.uint8
    assert np.abs(logits - expected_logits).max() < 0.02
    assert np.abs(maps[..., :3].astype(int) - expected[..., :3]).max() <= 2
    assert session.run(["maps"], {"image": patches[1:2]})[0].tobytes() == maps[1].tobytes()

    card = json.loads({p.key: p.value for p in onnx.load(out).metadata_props}["hoverslide.card"])
    assert card["seamless"]["h"] == [-2.0, 1.0] and card["quality"] == {"probability": 0.75}
    assert [entry["name"] for entry in card["classes"] if entry.get("learned") is False] == ["dead"]
    assert card["architecture"] == "U-Net, MiT-B0 encoder (HoVer-UNet)"


def test_export_adds_to_the_logits_of_a_class(tmp_path):
    torch.save({"model": Student("lite0").state_dict()}, tmp_path / "net.pt")
    patches = make_field(256, 1, 60)[0][None]

    def logits(**bias: float) -> np.ndarray:
        net = tmp_path / "net.onnx"
        export(tmp_path / "net.pt", net, None, Provenance("net", "1", "not"), lambda side: patches, bias)
        return onnxruntime.InferenceSession(str(net)).run(["logits"], {"image": patches})[0]

    added = logits(neoplastic=-1.5) - logits()
    expected = np.zeros(10)
    expected[4 + 1] = -1.5
    assert np.abs(added - expected[None, :, None, None]).max() < 1e-4
    with pytest.raises(DistillError, match="--class-bias: expected one of unclassified, neoplastic, .*, found skin"):
        logits(skin=1)


def test_export_refuses_a_file_that_differs_from_pytorch(tmp_path, monkeypatch):
    torch.save({"model": Student("b0").state_dict()}, tmp_path / "net.pt")
    monkeypatch.setattr("hoverslide_distill.steps.export.AGREEMENT", 1.01)
    patches = np.zeros((1, 256, 256, 3), np.uint8)
    with pytest.raises(DistillError, match="as PyTorch has them"):
        export(
            tmp_path / "net.pt",
            tmp_path / "net.onnx",
            Ranges((-1, 1), (-1, 1)),
            Provenance("n", "1", ""),
            lambda _: patches,
        )
    assert not (tmp_path / "net.onnx").exists()


@pytest.mark.parametrize(
    ("name", "parts", "smaller"),
    [("hoverslide-b0", "decoder in int8", 0.8), ("hoverslide-lite0", "decoder and coarse encoder in int8", 0.6)],
)
def test_quantize_keeps_what_the_net_finds(shared, tmp_path, name, parts, smaller):
    net, small = MODELS / f"{name}.onnx", tmp_path / "int8.onnx"
    data = ["--data", str(shared / "data")]
    assert main(["quantize", *data, "--net", str(net), "--out", str(small)]) == 0
    assert small.stat().st_size < smaller * net.stat().st_size
    model = onnx.load(small)
    assert {"QuantizeLinear", "DequantizeLinear"} <= {node.op_type for node in model.graph.node}
    card, float_card = read_card(small), read_card(net)
    assert f", {parts} (" in card["architecture"] and card["seamless"] == float_card["seamless"]
    assert (card["name"], float_card["name"]) == (f"{name}-int8", name)
    weights = [numpy_helper.to_array(w) for w in model.graph.initializer if w.data_type == onnx.TensorProto.INT8]
    assert max(np.abs(w.astype(int)).max() for w in weights if w.ndim == 4) <= 64  # no sum of two products overflows

    patches = sample_patches(shared / "data", 5)  # fields among which few were seen in calibration
    maps, expected = (open_session(path).run(["maps"], {"image": patches})[0] for path in (small, net))
    assert min(agreement(maps, expected, hv_tolerance=5).values()) > 0.98


def test_float16_keeps_the_nuclei(shared, tmp_path):
    net, half = MODELS / "hoverslide-b0.onnx", tmp_path / "half.onnx"
    assert main(["float16", "--data", str(shared / "data"), "--net", str(net), "--out", str(half)]) == 0
    model, card = onnx.load(half), read_card(half)
    assert {tensor.data_type for tensor in model.graph.initializer} == {onnx.TensorProto.FLOAT16}
    assert [output.type.tensor_type.elem_type for output in model.graph.output][0] == onnx.TensorProto.UINT8
    assert "float16" in card["architecture"] and card["seamless"] == read_card(net)["seamless"]
    assert 0.98 < card["float16"]["nuclei"] <= 1


def test_float16_refuses_a_net_whose_nuclei_become_others(tmp_path, monkeypatch):
    net = MODELS / "hoverslide-b0.onnx"
    monkeypatch.setattr("hoverslide_distill.steps.float16.QUALITY", 1.01)
    with pytest.raises(DistillError, match="expected nuclei as"):
        to_float16(net, tmp_path / "half.onnx", lambda side: np.zeros((1, side, side, 3), np.uint8))
    assert not (tmp_path / "half.onnx").exists()


def test_quantize_refuses_other_files(shared, tmp_path, capsys):
    net = ["--net", str(shared / "models/start-b0.onnx"), "--out", str(tmp_path / "int8.onnx")]
    assert main(["quantize", "--data", str(shared / "data"), *net]) == 1
    assert "expected a file that `export` wrote" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
