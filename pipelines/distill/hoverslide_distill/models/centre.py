"""The student's answer for the middle of a patch, by fewer operations than the student takes: what ONNX files hold.

It is the same function but for rounding. What is saved, all of it in the decoder:
- Doubled maps are convolved by phases (`doubling.py`).
- Only what the kept pixels can see is computed: convolutions without padding, on maps that shrink with them.
- Batch norms are folded into the convolutions before them.
"""

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from .doubling import interleave, phase_weights
from .unet import DecoderBlock, Student, with_skips

PATCH, STRIDE = 256, 192
MARGIN = (PATCH - STRIDE) // 2


def middle(x: Tensor, side: int) -> Tensor:
    """The middle [n, c, side, side] of a square map."""
    cut = (int(x.shape[2]) - side) // 2
    return x[:, :, cut : cut + side, cut : cut + side] if cut else x


def folded(conv_norm: nn.Sequential) -> tuple[Tensor, Tensor]:
    """Weight and bias of a convolution with the batch norm after it, as in evaluation."""
    conv, norm = conv_norm[:2]
    statistics = norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
    return fuse_conv_bn_weights(conv.weight, conv.bias, *statistics)


def convolution(weight: Tensor, bias: Tensor | None, padding: int) -> nn.Conv2d:
    out_channels, in_channels, kernel, _ = weight.shape
    conv = nn.Conv2d(in_channels, out_channels, kernel, padding=padding, bias=bias is not None)
    values = {"weight": weight} if bias is None else {"weight": weight, "bias": bias}
    conv.load_state_dict(values)
    return conv


class DoublingConv(nn.Module):
    """Nearest neighbour to twice the size, then a 3x3 convolution: [n, c, s, s] -> [n, o, 2s - 2, 2s - 2], without
    the outermost pixels, for which taps are missing; with a padding of 1, [n, o, 2s, 2s], taps beyond being 0.

    activation comes before pixels are interleaved, where ONNX Runtime makes it one with the convolution.
    """

    def __init__(self, weight: Tensor, bias: Tensor, padding: int, activation: nn.Module):
        super().__init__()
        self.conv = convolution(phase_weights(weight).flatten(0, 2), bias.repeat(4), padding)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        doubled = interleave(self.activation(self.conv(x)))
        return middle(doubled, 2 * int(x.shape[2])) if self.conv.padding[0] else doubled


class CentreBlock(nn.Module):
    """A decoder block. padding 1: maps keep their size; 0: each convolution takes a pixel off every side."""

    def __init__(self, block: DecoderBlock, in_channels: int, padding: int):
        super().__init__()
        weight, bias = folded(block.conv1)
        has_skip = weight.shape[1] > in_channels
        self.doubling = DoublingConv(weight[:, :in_channels], bias, padding, nn.Identity() if has_skip else nn.ReLU())
        self.skip = convolution(weight[:, in_channels:], None, padding) if has_skip else None
        self.second = convolution(*folded(block.conv2), padding)

    def forward(self, x: Tensor, skip: Tensor | None) -> Tensor:
        x = self.doubling(x)
        if self.skip is not None:
            seen = int(x.shape[2]) + 2 - 2 * self.skip.padding[0]
            x = F.relu(x + self.skip(middle(skip, seen)))
        return F.relu(self.second(x))


class CentreStudent(nn.Module):
    """RGB/255 float [n, 3, 256, 256] -> [n, 10, 192, 192], the middle of what the student gives."""

    def __init__(self, student: Student):
        super().__init__()
        self.encoder = student.encoder
        # The first block's map is 16 px wide and all of it is seen. Then they are 28, 52, 100, 196, and 194 the head's.
        blocks = student.decoder.blocks
        outputs = [block.conv2[0].out_channels for block in blocks]
        inputs = [student.encoder.widths[-1], *outputs[:-1]]
        paddings = [1, 0, 0, 0, 0]
        self.blocks = nn.ModuleList(map(CentreBlock, blocks, inputs, paddings))
        head = student.segmentation_head[0]
        self.head = convolution(head.weight.data, head.bias.data, 0)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.encoder(x)
        x = maps[-1]
        for block, skip in zip(self.blocks, with_skips(maps, None), strict=True):
            x = block(x, skip)
        return middle(self.head(x), STRIDE)
