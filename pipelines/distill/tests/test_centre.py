"""The form of the student that is exported computes the student's own function."""

import pytest
import torch
import torch.nn.functional as F
from hoverslide_distill.models.centre import STRIDE, CentreStudent, DoublingConv, middle
from hoverslide_distill.models.doubling import doubling_conv
from hoverslide_distill.models.mix_transformer import MixFfn, to_map, to_tokens
from hoverslide_distill.models.unet import Student
from torch import nn


@pytest.mark.parametrize("padding", [0, 1])
def test_phases_of_a_doubled_map(padding):
    """Against doubling and convolving in two steps."""
    x, weight, bias = torch.randn(2, 3, 6, 6), torch.randn(4, 3, 3, 3), torch.randn(4)
    doubled = F.interpolate(x, scale_factor=2, mode="nearest")
    expected = F.conv2d(doubled, weight, bias, padding=padding)
    assert torch.allclose(DoublingConv(weight, bias, padding, nn.Identity())(x), expected, atol=1e-5)


def test_training_doubles_by_phases_too():
    x, weight = torch.randn(2, 3, 6, 4), torch.randn(4, 3, 3, 3)
    expected = F.conv2d(F.interpolate(x, scale_factor=2, mode="nearest"), weight, padding=1)
    assert torch.allclose(doubling_conv(x, weight), expected, atol=1e-5)


def test_phases_of_one_row():
    """1 and 2 doubled are 1 1 2 2; with the taps 1, 10, 100 across, the two inner ones are 211 and 221."""
    weight = torch.zeros(1, 1, 3, 3)
    weight[0, 0, 1] = torch.tensor([1.0, 10.0, 100.0])
    found = DoublingConv(weight, torch.zeros(1), 0, nn.ReLU())(torch.tensor([[[[1.0, 2.0], [1.0, 2.0]]]]))
    assert found.tolist() == [[[[211.0, 221.0], [211.0, 221.0]]]]


@pytest.mark.parametrize("encoder", ["b0", "b2", "lite0"])
def test_the_middle_is_the_students(encoder):
    student = Student(encoder).eval()
    for module in student.modules():  # as after training: statistics that are not the initial ones
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    x = torch.rand(1, 3, 256, 256)
    with torch.no_grad():
        expected, found = middle(student(x), STRIDE), CentreStudent(student)(x)
    assert found.shape == (1, 10, 192, 192)
    assert (found - expected).abs().max() < 1e-4 * expected.abs().max()


def test_feed_forward_as_convolutions():
    ffn, tokens = MixFfn(8), torch.randn(2, 24, 8)
    with torch.no_grad():
        found = to_tokens(ffn.as_convolutions(to_map(tokens, 4, 6)))
        assert torch.allclose(found, ffn(tokens, 4, 6), atol=1e-6)
