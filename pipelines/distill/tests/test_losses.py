"""Losses against numbers worked out by hand."""

import math

import numpy as np
import pytest
import torch
from hoverslide_distill.data.labels import ALLOWED, IGNORE, NEOPLASTIC_OR_EPITHELIAL, NUCLEUS
from hoverslide_distill.data.targets import HV_UNKNOWN
from hoverslide_distill.losses import terms
from hoverslide_distill.losses.distillation import Mix, distillation_loss, divergence, mixed_loss, soft_cross_entropy
from hoverslide_distill.losses.student import read_targets, student_loss

LOGITS = torch.log(torch.tensor([0.1, 0.4, 0.2, 0.1, 0.1, 0.1])).reshape(1, 6, 1, 1)


@pytest.mark.parametrize(
    "code, probability",
    [(0, 0.1), (1, 0.4), (NUCLEUS, 0.9), (NEOPLASTIC_OR_EPITHELIAL, 0.5)],
)
def test_a_partial_label_asks_for_the_sum_of_what_it_allows(code, probability):
    label = torch.full((1, 1, 1), code)
    loss = terms.allowed_cross_entropy(LOGITS, label, torch.from_numpy(ALLOWED), torch.ones(1, 1, 1))
    assert loss.item() == pytest.approx(-math.log(probability), rel=1e-5)


def test_a_partial_label_leaves_the_shares_of_what_it_allows():
    """By hand: the set 'neoplastic or epithelial' has .5, so each of its two logits is drawn by (.5 - 1) / 2, whatever
    its own share; the others by their probability, as in cross entropy.
    """
    logits = LOGITS.clone().requires_grad_()
    label = torch.full((1, 1, 1), NEOPLASTIC_OR_EPITHELIAL)
    terms.allowed_cross_entropy(logits, label, torch.from_numpy(ALLOWED), torch.ones(1, 1, 1)).backward()
    assert logits.grad.flatten().tolist() == pytest.approx([0.1, -0.25, 0.2, 0.1, 0.1, -0.25], abs=1e-6)


def test_ignored_pixels_change_neither_loss_nor_gradient():
    torch.manual_seed(1)
    output = torch.randn(1, 10, 8, 8, requires_grad=True)
    label = torch.randint(0, 4, (1, 8, 8)).to(torch.uint8)
    label[:, :, 4:] = IGNORE
    hv = torch.zeros(1, 8, 8, 2, dtype=torch.int8)
    losses = student_loss(output, read_targets(label, hv))
    sum(value for name, value in losses.items() if name != "hv_msge").backward()
    assert output.grad[..., :4].abs().sum() > 0
    assert output.grad[..., 4:].abs().max() == 0


def test_unknown_distances_are_not_supervised():
    hv = torch.full((1, 4, 4, 2), HV_UNKNOWN, dtype=torch.int8)
    losses = student_loss(torch.randn(1, 10, 4, 4), read_targets(torch.full((1, 4, 4), NUCLEUS, dtype=torch.uint8), hv))
    assert losses["hv_mse"] == 0 and losses["hv_msge"] == 0
    assert losses["np_ce"] > 0


def test_dice_of_a_half_overlap():
    probabilities = torch.tensor([1.0, 1.0, 0.0, 0.0]).reshape(1, 1, 2, 2)
    target = torch.tensor([1.0, 0.0, 1.0, 0.0]).reshape(1, 1, 2, 2)
    # 2 * 1 / (2 + 2) = 0.5
    assert terms.dice(probabilities, target, torch.ones(1, 2, 2)).item() == pytest.approx(0.5, abs=1e-5)
    # Only the two upper pixels count: 2 * 1 / (2 + 1).
    upper = torch.tensor([[[1.0, 1.0], [0.0, 0.0]]])
    assert terms.dice(probabilities, target, upper).item() == pytest.approx(1 / 3, abs=1e-5)


def test_dice_leaves_out_classes_that_do_not_occur():
    probabilities = torch.tensor([[[[1.0]], [[0.3]]]])
    target = torch.tensor([[[[1.0]], [[0.0]]]])
    assert terms.dice(probabilities, target, torch.ones(1, 1, 1)).item() == pytest.approx(0, abs=1e-5)


def test_mean_squared_error_over_known_pixels():
    hv, target = torch.zeros(1, 2, 1, 2), torch.tensor([[[[0.5, 1.0]], [[0.1, 1.0]]]])
    # (0.5^2 + 0.1^2) / 2; the second pixel is unknown.
    assert terms.mean_squared(hv, target, torch.tensor([[[1.0, 0.0]]])).item() == pytest.approx(0.13)


def test_gradient_of_a_ramp():
    # Sum over the 5x5 kernel of x * x / (x^2 + y^2): x^2 / r^2 and y^2 / r^2 add to 1 for the 24 cells about the
    # centre.
    ramp = torch.arange(9.0).repeat(9, 1)
    gradients = terms.hv_gradients(torch.stack([ramp, ramp.T])[None])
    assert gradients[0, :, 4, 4].tolist() == pytest.approx([12, 12], rel=1e-5)
    focus = torch.zeros(1, 9, 9)
    focus[0, 4, 4] = 1
    flat = torch.zeros(1, 2, 9, 9)
    loss = terms.mean_squared_gradient(torch.stack([ramp, ramp.T])[None], flat, focus)
    assert loss.item() == pytest.approx(144, rel=1e-4)


def test_perfect_output_has_no_loss():
    label = torch.zeros(1, 12, 12, dtype=torch.uint8)
    label[:, 3:9, 3:9] = 2
    hv = torch.zeros(1, 12, 12, 2, dtype=torch.int8)
    hv[:, 3:9, 3:9, 0] = torch.linspace(-100, 100, 6).to(torch.int8)
    output = torch.zeros(1, 10, 12, 12)
    output[:, 0], output[:, 1] = 40.0 * (label == 0), 40.0 * (label > 0)
    output[:, 2:4] = hv.permute(0, 3, 1, 2) / 100
    output[:, 4], output[:, 6] = 40.0 * (label == 0), 40.0 * (label == 2)
    losses = student_loss(output, read_targets(label, hv))
    assert all(value.item() == pytest.approx(0, abs=1e-4) for value in losses.values()), losses


def two_logits(p: float) -> torch.Tensor:
    return torch.log(torch.tensor([1 - p, p])).reshape(1, 2, 1, 1)


def test_divergence_and_soft_cross_entropy_by_hand():
    student, teacher = two_logits(0.5), two_logits(0.8)
    entropy = -(0.8 * math.log(0.8) + 0.2 * math.log(0.2))
    assert soft_cross_entropy(student, teacher).item() == pytest.approx(math.log(2), rel=1e-5)
    assert divergence(student, teacher, 1.0).item() == pytest.approx(math.log(2) - entropy, rel=1e-5)
    # At T = 2 odds of 4 become odds of 2.
    softened = -(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3))
    assert divergence(student, teacher, 2.0).item() == pytest.approx(math.log(2) - softened, rel=1e-5)


def test_t_squared_and_alpha_swapped():
    torch.manual_seed(2)
    output, teacher = torch.randn(2, 10, 4, 4), torch.randn(2, 10, 4, 4)
    plain = distillation_loss(output, teacher, Mix(0.25, 3.0))
    squared = distillation_loss(output, teacher, Mix(0.25, 3.0, t_squared=True))
    assert squared["np_kl"].item() == pytest.approx(9 * plain["np_kl"].item(), rel=1e-5)
    assert squared["nc_soft_ce"] == plain["nc_soft_ce"]
    one, two = {"a": torch.tensor(1.0)}, {"b": torch.tensor(1.0)}
    assert [v.item() for v in mixed_loss(one, two, Mix(0.25)).values()] == [0.25, 0.75]
    assert [v.item() for v in mixed_loss(one, two, Mix(0.25, swapped=True)).values()] == [0.75, 0.25]


def test_a_student_equal_to_its_teacher_has_only_the_teachers_entropy():
    torch.manual_seed(3)
    teacher = torch.randn(1, 10, 6, 6)
    losses = distillation_loss(teacher, teacher, Mix())
    for name in ("np_kl", "nc_kl", "hv_soft_mse", "hv_soft_msge"):
        assert losses[name].item() == pytest.approx(0, abs=1e-6)
    p = torch.softmax(teacher[:, :2], 1)
    assert losses["np_soft_ce"].item() == pytest.approx(-(p * p.log()).sum(1).mean().item(), rel=1e-5)
    assert np.isfinite(sum(v.item() for v in losses.values()))
