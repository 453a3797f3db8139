"""The teacher: HoVer-Net (Graham et al. 2019), the function of its authors' code (vqdang/hover_net), in both its modes.

`fast`: decoder kernels of 3, 256 px in, 164 px out. `original`: kernels of 5, stem not padded, 270 px in, 80 out.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .unet import NC


@dataclass(frozen=True)
class Mode:
    """patch: side of what the net sees; kept: of the middle for which it gives maps, in px; kernel: of the decoder."""

    patch: int
    kept: int
    kernel: int
    stem_padding: int


MODES = {"fast": Mode(256, 164, 3, 3), "original": Mode(270, 80, 5, 0)}
MARGIN = (MODES["fast"].patch - MODES["fast"].kept) // 2
TYPES = NC.stop - NC.start
GROWTH, BOTTLENECK, GROUPS = 32, 128, 4
ENCODER = ((64, 256, 3, 1), (128, 512, 4, 2), (256, 1024, 6, 2), (512, 2048, 3, 2))
"""Per stage: inner width, outer width, units, stride."""


def conv(i: int, o: int, kernel: int, stride: int = 1, padding: int = 0, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(i, o, kernel, stride, padding, groups=groups, bias=False)


class StridedConv(nn.Conv2d):
    """3x3, stride 2, padded as TensorFlow pads an even side: nothing above and left, one pixel below and right."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, (0, 1, 0, 1)))


def unit_conv(channels: int, stride: int) -> nn.Conv2d:
    if stride == 1:
        return conv(channels, channels, 3, padding=1)
    return StridedConv(channels, channels, 3, stride, bias=False)


def norm_relu(channels: int) -> list[nn.Module]:
    return [nn.BatchNorm2d(channels), nn.ReLU(inplace=True)]


def crop_like(x: Tensor, smaller: Tensor) -> Tensor:
    """The centre of x, of the size of `smaller`."""
    top, left = ((a - b) // 2 for a, b in zip(x.shape[2:], smaller.shape[2:], strict=True))
    return x[:, :, top : top + smaller.shape[2], left : left + smaller.shape[3]]


class ResidualStage(nn.Module):
    """Pre-activation bottleneck units; the first has none, for its input is already normed and rectified."""

    def __init__(self, in_channels: int, inner: int, outer: int, units: int, stride: int):
        super().__init__()
        self.shortcut = conv(in_channels, outer, 1, stride)
        self.units = nn.ModuleList()
        for i in range(units):
            width = outer if i else in_channels
            self.units.append(
                nn.Sequential(
                    *(norm_relu(width) if i else []),
                    conv(width, inner, 1),
                    *norm_relu(inner),
                    unit_conv(inner, 1 if i else stride),
                    *norm_relu(inner),
                    conv(inner, outer, 1),
                )
            )
        self.last = nn.Sequential(*norm_relu(outer))

    def forward(self, x: Tensor) -> Tensor:
        carried = self.shortcut(x)
        for unit in self.units:
            x = carried = unit(x) + carried
        return self.last(x)


class DenseStage(nn.Module):
    """Units whose unpadded convolutions each make the map smaller and add 32 channels."""

    def __init__(self, channels: int, units: int, kernel: int):
        super().__init__()
        self.units = nn.ModuleList()
        for i in range(units):
            width = channels + i * GROWTH
            self.units.append(
                nn.Sequential(
                    *norm_relu(width),
                    conv(width, BOTTLENECK, 1),
                    *norm_relu(BOTTLENECK),
                    conv(BOTTLENECK, GROWTH, kernel, groups=GROUPS),
                )
            )
        self.out_channels = channels + units * GROWTH
        self.last = nn.Sequential(*norm_relu(self.out_channels))

    def forward(self, x: Tensor) -> Tensor:
        for unit in self.units:
            new = unit(x)
            x = torch.cat([crop_like(x, new), new], 1)
        return self.last(x)


def decoder_stage(in_channels: int, width: int, units: int, kernel: int) -> nn.Sequential:
    dense = DenseStage(width, units, kernel)
    return nn.Sequential(conv(in_channels, width, kernel), dense, conv(dense.out_channels, dense.out_channels, 1))


class Branch(nn.Module):
    """One decoder: three times twice the size, each time plus the encoder's map of that size."""

    def __init__(self, out_channels: int, kernel: int):
        super().__init__()
        self.up3 = decoder_stage(1024, 256, 8, kernel)
        self.up2 = decoder_stage(512, 128, 4, kernel)
        self.up1 = conv(256, 64, kernel, padding=kernel // 2)
        self.head = nn.Sequential(*norm_relu(64), nn.Conv2d(64, out_channels, 1))

    def forward(self, maps: list[Tensor]) -> Tensor:
        d0, d1, d2, d3 = maps
        x = self.up3(double(d3) + d2)
        x = double(x)
        x = self.up2(x + crop_like(d1, x))
        x = double(x)
        return self.head(self.up1(x + crop_like(d0, x)))


def double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")


class HoverNet(nn.Module):
    """RGB/255 float [n, 3, patch, patch] -> [n, 4 + types, kept, kept] of the patch's centre: NP logits 2, HV 2
    (x first), class logits, the first of which is background; types 0: a net without classes.

    Smaller patches give smaller maps, with the same margin.
    """

    def __init__(self, mode: str = "fast", types: int = TYPES):
        super().__init__()
        self.mode, self.types = MODES[mode], types
        self.stem = nn.Sequential(conv(3, 64, 7, padding=self.mode.stem_padding), *norm_relu(64))
        inputs = (64, *(stage[1] for stage in ENCODER[:-1]))
        self.stages = nn.ModuleList(ResidualStage(i, *stage) for i, stage in zip(inputs, ENCODER, strict=True))
        self.bottom = conv(ENCODER[-1][1], 1024, 1)
        channels = (2, 2, types) if types else (2, 2)
        self.branches = nn.ModuleList(Branch(count, self.mode.kernel) for count in channels)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        maps = []
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        maps[-1] = self.bottom(maps[-1])
        return torch.cat([branch(maps) for branch in self.branches], 1)
