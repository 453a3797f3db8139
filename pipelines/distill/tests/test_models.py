"""Structure of teacher and student, and weights from other hands."""

import numpy as np
import onnxruntime
import pytest
import torch
from hoverslide_distill.data.packs import read_image
from hoverslide_distill.errors import DistillError
from hoverslide_distill.models.efficientnet_lite import LITES, EfficientNetLite, conv_norm, imagenet_file, load_imagenet
from hoverslide_distill.models.hovernet import HoverNet
from hoverslide_distill.models.load import load_student
from hoverslide_distill.models.unet import Student
from hoverslide_distill.steps.checkpoint import shrink_checkpoint
from hoverslide_distill.steps.export import provenance_of
from hoverslide_distill.steps.import_checkpoint import import_checkpoint
from hoverslide_distill.steps.student import start_model
from synthetic import make_field
from torch.utils.flop_counter import FlopCounterMode


def giga_macs(make_model) -> tuple[float, int, torch.Size]:
    """GMac and parameters for one 256 px patch, and the output's shape;
    counted on shapes alone, nothing is computed.
    """
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        model = make_model().eval()
        shape = model(torch.zeros(1, 3, 256, 256)).shape
    return counter.get_total_flops() / 2e9, sum(p.numel() for p in model.parameters()), shape


def test_hovernet_has_the_published_size():
    """37.6 M parameters; the paper's 149.73 GMac count norms and additions too."""
    macs, parameters, shape = giga_macs(HoverNet)
    assert shape == (1, 10, 164, 164)
    assert parameters == 37_639_626
    assert macs == pytest.approx(149.73, rel=0.01)


def test_the_largest_student_has_the_published_size():
    """The paper gives 10.63 GMac; 10.19 with the products within attention, and doubled maps convolved by phases."""
    macs, _, shape = giga_macs(lambda: Student("b3"))
    assert shape == (1, 10, 256, 256)
    assert macs == pytest.approx(10.63, rel=0.05)


def test_lite0_costs_what_a_b0_costs():
    macs, parameters, shape = giga_macs(lambda: Student("lite0"))
    assert shape == (1, 10, 256, 256) and parameters < 5_300_000
    assert macs < giga_macs(lambda: Student("b0"))[0]


def test_strided_convolutions_are_padded_as_in_tensorflow():
    """Of an even side, stride 2: a kernel of 3 starts at pixel 0, one of 5 a pixel before it."""
    x = torch.arange(8.0).expand(1, 1, 8, 8)
    for kernel, first in ((3, [0.0, 2.0, 4.0, 6.0]), (5, [0.0, 1.0, 3.0, 5.0])):
        layers = conv_norm(1, 1, kernel, 2, active=False).eval()
        layers.conv.weight.data.zero_()[..., kernel // 2, 0] = 1  # the leftmost tap alone
        assert layers(x)[0, 0, 1].tolist() == pytest.approx(first, rel=1e-3)


@pytest.mark.parametrize("name", LITES)
def test_imagenet_weights_tell_tissue_from_glass(name):
    """All weights find their place, and what comes out is not what an untrained net gives."""
    encoder = EfficientNetLite(name).eval()
    load_imagenet(encoder, imagenet_file(name))
    image, *_ = make_field(64, 1, 12)
    with torch.no_grad():
        maps = encoder(torch.from_numpy(np.stack([image, np.full_like(image, 240)])).permute(0, 3, 1, 2) / 255)
    assert [m.shape[1] for m in maps] == list(encoder.widths)
    assert [m.shape[2] for m in maps] == [32, 16, 8, 4, 2]
    assert all((m[0] - m[1]).abs().max() > 1 for m in maps)


def test_imagenet_weights_are_for_lites_alone(tmp_path):
    with pytest.raises(DistillError, match="expected --encoder lite0 or lite2, found b0"):
        start_model("b0", None, imagenet=True)
    torch.save({"_fc.bias": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(DistillError, match="expected the weights of EfficientNet-Lite0"):
        load_imagenet(EfficientNetLite("lite0"), tmp_path / "other.pth")


def smp_names(depths: tuple[int, ...]) -> set[str]:
    """Parameter names of segmentation_models_pytorch's Unet('mit_b*'), written out."""
    names = set()
    for stage in range(1, 5):
        names |= {f"encoder.patch_embed{stage}.{part}" for part in ("proj", "norm")} | {f"encoder.norm{stage}"}
        for block in range(depths[stage - 1]):
            parts = ["norm1", "attn.q", "attn.kv", "attn.proj", "norm2", "mlp.fc1", "mlp.dwconv.dwconv", "mlp.fc2"]
            parts += ["attn.sr", "attn.norm"] if stage < 4 else []
            names |= {f"encoder.block{stage}.{block}.{part}" for part in parts}
    tensors = {f"{name}.{kind}" for name in names for kind in ("weight", "bias")}
    for block in range(5):
        for conv in ("conv1", "conv2"):
            kinds = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
            tensors |= {f"decoder.blocks.{block}.{conv}.0.weight"}
            tensors |= {f"decoder.blocks.{block}.{conv}.1.{kind}" for kind in kinds}
    return tensors | {"segmentation_head.0.weight", "segmentation_head.0.bias"}


DEPTHS = {"b0": (2, 2, 2, 2), "b1": (2, 2, 2, 2), "b2": (3, 4, 6, 3), "b3": (3, 4, 18, 3)}


@pytest.mark.parametrize("encoder", DEPTHS)
def test_student_has_smp_names(encoder):
    with torch.device("meta"):
        student = Student(encoder)
    assert set(student.state_dict()) == smp_names(DEPTHS[encoder])


@pytest.mark.parametrize(
    "encoder, prefix, key",
    [("b0", "module.", "state_dict"), ("b1", "", "model"), ("b2", "", "model_state_dict"), ("b3", "net.", "ema")],
)
def test_import_of_a_checkpoint(tmp_path, encoder, prefix, key):
    original = Student(encoder).eval()
    state = {prefix + name: value for name, value in original.state_dict().items()}
    torch.save({key: state, "epoch": 3}, tmp_path / "theirs.pth")
    kind, about = import_checkpoint(tmp_path / "theirs.pth", tmp_path / "ours.pt")
    assert kind == f"U-Net with MiT-{encoder.upper()}" and len(about.classes) == 5
    x = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert load_student(tmp_path / "ours.pt")(x).equal(original(x))


def test_what_is_said_of_an_imported_net_stays_with_it(tmp_path):
    theirs, ours, small = (tmp_path / name for name in ("theirs.pth", "ours.pt", "small.pt"))
    torch.save(Student("b0").state_dict(), theirs)
    import_checkpoint(theirs, ours, licence="MIT")
    shrink_checkpoint(ours, small)
    for path in (ours, small):
        said = provenance_of(path, "net", "1", None)
        assert said.licence == "MIT" and said.limits == "not stated" and "theirs.pth, SHA-256" in said.training
    assert provenance_of(ours, "net", "1", "by us, from theirs", limits="none").limits == "none"
    with pytest.raises(DistillError, match="--training: expected what .*theirs.pth was trained on"):
        provenance_of(theirs, "net", "1", None)


def test_import_refuses_other_heads(tmp_path):
    state = Student("b0").state_dict()
    state["segmentation_head.0.weight"] = torch.zeros(3, 16, 3, 3)
    torch.save(state, tmp_path / "other.pth")
    with pytest.raises(DistillError, match="head of 10 channels"):
        load_student(tmp_path / "other.pth")
    (tmp_path / "no.pth").write_bytes(b"not a checkpoint")
    with pytest.raises(DistillError, match="no.pth"):
        load_student(tmp_path / "no.pth")


def test_starting_net_equals_its_onnx_file(shared):
    image = read_image(shared / "data/consep/train/images/train_1.jpg")
    patches = np.stack([image[:256, :256], image[500:756, 300:556]])
    session = onnxruntime.InferenceSession(str(shared / "models/start-b0.onnx"), providers=["CPUExecutionProvider"])
    logits = session.run(["logits"], {"image": patches})[0]
    with torch.no_grad():
        student = load_student(shared / "models/start-b0.pt")
        ours = student(torch.from_numpy(patches).permute(0, 3, 1, 2) / 255).numpy()
    # The file's weights are rounded to half precision after its norms were folded into them.
    assert np.abs(ours - logits).max() < 0.05
    assert (ours[:, 4:].argmax(1) == logits[:, 4:].argmax(1)).mean() > 0.999
