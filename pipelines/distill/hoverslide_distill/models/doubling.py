"""Twice the size by nearest neighbour and then a 3x3 convolution, without reading a pixel several times over: the four
output pixels between four small ones are four 2x2 convolutions of the small map, with sums of the 3x3 weights. 4
products in place of 9, the same function but for rounding.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def phase_weights(weight: Tensor) -> Tensor:
    """Weights [o, c, 3, 3] for the doubled map -> [2, 2, o, c, 2, 2] for the small one, phase of row and column first.

    Small pixels i and i + 1 give the output pixels 2i + 1, of whose three taps two fall on i, and 2i + 2, with two on
    i + 1.
    """

    def split(weight: Tensor, axis: int) -> Tensor:
        a, b, c = weight.unbind(axis)
        return torch.stack([torch.stack([a + b, c], axis), torch.stack([a, b + c], axis)])

    return split(split(weight, 3), 3)


def interleave(phases: Tensor) -> Tensor:
    """Phases [n, 4 o, h, w], of row and column first -> [n, o, 2h, 2w]."""
    # Channels last: what is interleaved then are runs of whole pixels.
    phases = phases.permute(0, 2, 3, 1)
    height, width, channels = (int(side) for side in phases.shape[1:])
    rows = phases.reshape(-1, height, width, 2, channels // 2).transpose(2, 3)
    return rows.reshape(-1, 2 * height, 2 * width, channels // 4).permute(0, 3, 1, 2)


def doubling_conv(x: Tensor, weight: Tensor) -> Tensor:
    """[n, c, h, w] and weights [o, c, 3, 3] -> [n, o, 2h, 2w]: doubled, then convolved, padded with zeros."""
    phases = F.conv2d(x, phase_weights(weight).flatten(0, 2), padding=1)
    return interleave(phases)[:, :, 1:-1, 1:-1].contiguous(memory_format=torch.channels_last)
