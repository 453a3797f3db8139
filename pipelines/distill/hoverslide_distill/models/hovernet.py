"""The teacher: HoVer-Net in fast mode (Graham et al. 2019; 3x3 decoder kernels, 256 px in, 164 px out)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .unet import HEAD_CHANNELS

PATCH, OUT = 256, 164
MARGIN = (PATCH - OUT) // 2
GROWTH, BOTTLENECK, GROUPS = 32, 128, 4
ENCODER = ((64, 256, 3, 1), (128, 512, 4, 2), (256, 1024, 6, 2), (512, 2048, 3, 2))
"""Per stage: inner width, outer width, units, stride."""
BRANCHES = (2, 2, 6)
"""Channels of NP, HV and NC, in the order of the student's head."""


def conv(i: int, o: int, kernel: int, stride: int = 1, padding: int = 0, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(i, o, kernel, stride, padding, groups=groups, bias=False)


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
                    conv(inner, inner, 3, 1 if i else stride, 1),
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
    """Units whose unpadded 3x3 convolutions each take a pixel off every side and add 32 channels."""

    def __init__(self, channels: int, units: int):
        super().__init__()
        self.units = nn.ModuleList()
        for i in range(units):
            width = channels + i * GROWTH
            self.units.append(
                nn.Sequential(
                    *norm_relu(width),
                    conv(width, BOTTLENECK, 1),
                    *norm_relu(BOTTLENECK),
                    conv(BOTTLENECK, GROWTH, 3, groups=GROUPS),
                )
            )
        self.out_channels = channels + units * GROWTH
        self.last = nn.Sequential(*norm_relu(self.out_channels))

    def forward(self, x: Tensor) -> Tensor:
        for unit in self.units:
            new = unit(x)
            x = torch.cat([crop_like(x, new), new], 1)
        return self.last(x)


def decoder_stage(in_channels: int, width: int, units: int) -> nn.Sequential:
    dense = DenseStage(width, units)
    return nn.Sequential(conv(in_channels, width, 3), dense, conv(dense.out_channels, dense.out_channels, 1))


class Branch(nn.Module):
    """One decoder: three times twice the size, each time plus the encoder's map of that size."""

    def __init__(self, out_channels: int):
        super().__init__()
        self.up3 = decoder_stage(1024, 256, 8)
        self.up2 = decoder_stage(512, 128, 4)
        self.up1 = conv(256, 64, 3, padding=1)
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
    """RGB/255 float [n, 3, 256, 256] -> [n, 10, 164, 164] of the patch's centre, channels as the student's."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 64, 7, padding=3), *norm_relu(64))
        inputs = (64, *(stage[1] for stage in ENCODER[:-1]))
        self.stages = nn.ModuleList(ResidualStage(i, *stage) for i, stage in zip(inputs, ENCODER, strict=True))
        self.bottom = conv(ENCODER[-1][1], 1024, 1)
        self.branches = nn.ModuleList(map(Branch, BRANCHES))
        assert sum(BRANCHES) == HEAD_CHANNELS
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
