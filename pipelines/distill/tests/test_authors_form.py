"""The loss of HoVer-UNet's authors' code: worked examples, and what that code itself gave."""

import json
import math

import numpy as np
import pytest
import torch
from hoverslide_distill.cli import main
from hoverslide_distill.data.store import open_store
from hoverslide_distill.data.targets import hv_maps
from hoverslide_distill.errors import DistillError
from hoverslide_distill.losses import authors, terms
from hoverslide_distill.losses.distillation import Mix
from hoverslide_distill.losses.student import read_targets
from hoverslide_distill.steps.student import distilled_loss, write_authors_hv
from synthetic import write_pack


def two_pixels(first: float, second: float) -> torch.Tensor:
    """Logits [1, 2, 1, 2] of two pixels whose second class has these probabilities."""
    p = torch.tensor([first, second])
    return torch.stack([torch.log(1 - p), torch.log(p)])[None, :, None]


def test_cross_entropy_is_weighted_by_class():
    logits, known = two_pixels(0.75, 0.5), torch.ones(1, 1, 2)
    one_hot = torch.tensor([[[[1.0, 0.0]], [[0.0, 1.0]]]])  # the first pixel is of class 0, with p = .25
    found = authors.weighted_cross_entropy(logits, one_hot, known, (0.5, 2.0))
    assert found.item() == pytest.approx((0.5 * math.log(4) + 2 * math.log(2)) / 2.5, rel=1e-5)
    # On the teacher's probabilities it is a plain mean, not one over the weights.
    found = authors.weighted_soft_cross_entropy(logits, two_pixels(0.5, 0.5), (0.5, 2.0))
    first = -(0.25 * math.log(0.25) + 1.0 * math.log(0.75))
    second = -(0.25 * math.log(0.5) + 1.0 * math.log(0.5))
    assert found.item() == pytest.approx((first + second) / 2, rel=1e-5)


def test_absent_classes_count_as_no_dice_loss():
    probabilities = torch.tensor([[[[0.5, 0.5]], [[0.3, 0.3]], [[0.2, 0.2]]]])
    target = torch.tensor([[[[1.0, 1.0]], [[0.0, 0.0]], [[0.0, 0.0]]]])
    mask = torch.ones(1, 1, 2)
    # 1 - 2 * 1 / (1 + 2) = 1/3 of the one class that occurs; of three classes in the authors' mean.
    assert terms.dice(probabilities, target, mask).item() == pytest.approx(1 / 3, abs=1e-5)
    assert authors.dice_of_all(probabilities, target, mask).item() == pytest.approx(1 / 9, abs=1e-5)


def test_divergence_by_classes_times_t_squared():
    student, teacher = two_pixels(0.5, 0.5), two_pixels(0.8, 0.8)
    # At T = 2 odds of 4 become odds of 2.
    divergence = math.log(2) + 2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3)
    found = authors.divergence_by_classes(student, teacher, 2.0)
    assert found.item() == pytest.approx(4 * divergence / 2, rel=1e-5)


def test_gradients_are_of_the_other_axis():
    ramp = torch.arange(9.0).repeat(9, 1)  # grows to the right
    focus = torch.zeros(1, 9, 9)
    focus[0, 4, 4] = 1
    right, flat = torch.stack([ramp, torch.zeros(9, 9)])[None], torch.zeros(1, 2, 9, 9)
    down = torch.stack([ramp.T, torch.zeros(9, 9)])[None]
    assert terms.mean_squared_gradient(right, flat, focus).item() == pytest.approx(72, rel=1e-4)
    assert authors.swapped_gradient_error(right, flat, focus).item() == pytest.approx(0, abs=1e-6)
    assert authors.swapped_gradient_error(down, flat, focus).item() == pytest.approx(72, rel=1e-4)


def test_distances_are_a_pixel_too_large():
    instances = np.zeros((8, 12), int)
    instances[4, 3:8] = 1
    assert hv_maps(instances)[4, 3:8, 0].tolist() == [-100, -50, 0, 50, 100]
    # -1, 0, 1, 2, 3 about the centre, each side scaled.
    assert hv_maps(instances, authors_form=True)[4, 3:8].tolist() == [
        [-100, 100],
        [0, 100],
        [33, 100],
        [67, 100],
        [100, 100],
    ]
    # The box of a nucleus in the second row, widened by two, begins before the map: no distances at all.
    assert not hv_maps(np.roll(instances, -3, 0), authors_form=True).any()


def test_sums_are_those_of_the_authors_code():
    """Random logits, teacher and labels through losses.py of DIAGNijmegen/HoVer-UNet at T = 3, and alpha = .25."""
    random = np.random.RandomState(7)
    output, teacher = (torch.from_numpy(random.normal(0, k, (2, 10, 24, 24)).astype(np.float32)) for k in (1, 2))
    label = torch.from_numpy(np.kron(random.randint(0, 4, (2, 6, 6)), np.ones((4, 4))).astype(np.uint8))
    hv = torch.from_numpy(random.randint(-100, 101, (2, 24, 24, 2)).astype(np.int8)) * (label > 0)[..., None]
    on_labels = authors.authors_student_loss(output, read_targets(label, hv))
    on_teacher = authors.authors_distillation_loss(output, teacher, 3.0)
    assert sum(on_labels.values()).item() == pytest.approx(10.637839317321777, rel=1e-5)
    assert sum(on_teacher.values()).item() == pytest.approx(27.531352996826172, rel=1e-5)
    mix = Mix(0.25, 3.0, swapped=True, t_squared=True)
    both = distilled_loss(mix, authors_form=True)(output, {"label": label, "hv": hv, "soft": teacher.half()})
    assert sum(both.values()).item() == pytest.approx(14.861217498779297, rel=1e-3)


def test_one_switch_trains_in_the_authors_form(tmp_path):
    write_pack(tmp_path / "data", "pannuke", 96, 8, fields=2)
    store, run = tmp_path / "store", tmp_path / "run"
    assert main(["prepare", "--data", str(tmp_path / "data"), "--store", str(store)]) == 0
    short = ["--steps", "1", "--batch", "1", "--workers", "0", "--look-every", "0", "--device", "cpu"]
    assert main(["student", "--store", str(store), "--out", str(run), "--authors-form", *short]) == 0
    field = open_store(store)[0]
    instances = np.array(field.read("instances"))
    assert np.array_equal(field.read("hv-authors"), hv_maps(instances, authors_form=True))
    assert not np.array_equal(field.read("hv"), field.read("hv-authors"))
    group = torch.load(run / "checkpoint.pt", weights_only=True)["optimizer"]["param_groups"][0]
    assert group["weight_decay"] == 0
    assert json.loads((run / "log.jsonl").read_text())["nc_ce"] > 0
    field.path("instances").unlink()
    with pytest.raises(DistillError, match="--authors-form: expected nuclei labelled one by one"):
        write_authors_hv([field])
