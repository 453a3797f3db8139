"""The student: HoVer-UNet (Tommasino et al. 2023), a U-Net on a Mix Vision Transformer with one head of ten channels;
or the same decoder and head on an EfficientNet-Lite, which has a start from ImageNet.

Parameter names are those of segmentation_models_pytorch's `Unet('mit_b*', classes=10)`.
"""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from .doubling import doubling_conv
from .efficientnet_lite import LITES, EfficientNetLite
from .mix_transformer import SIZES, MixTransformer

ENCODERS = (*SIZES, *LITES)
DECODER_WIDTHS = (256, 128, 64, 32, 16)
HEAD_CHANNELS = 10
NP, HV, NC = slice(0, 2), slice(2, 4), slice(4, 10)


def conv_norm_relu(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


class DecoderBlock(nn.Module):
    """Twice the size by nearest neighbour, the encoder's map beside it, two convolutions."""

    def __init__(self, in_channels: int, skip_channels: int, out_channels: int):
        super().__init__()
        self.conv1 = conv_norm_relu(in_channels + skip_channels, out_channels)
        self.conv2 = conv_norm_relu(out_channels, out_channels)

    def forward(self, x: Tensor, skip: Tensor | None) -> Tensor:
        # The same as convolving the doubled x with the skip beside it, by fewer operations.
        conv, norm, relu = self.conv1
        channels = x.shape[1]
        x = doubling_conv(x, conv.weight[:, :channels])
        if skip is not None:
            x = x + F.conv2d(skip, conv.weight[:, channels:], padding=1)
        return self.conv2(relu(norm(x)))


def with_skips(maps: Sequence, beyond: object) -> list:
    """The encoder's maps, finest first, as what each decoder block sees beside its input: coarsest first, without the
    last, and `beyond` where the encoder has no map of that size.
    """
    skips = list(reversed(maps[:-1]))
    return skips + [beyond] * (len(DECODER_WIDTHS) - len(skips))


class Decoder(nn.Module):
    """The encoder's maps, finest first -> [n, 16, h, w]."""

    def __init__(self, encoder_widths: tuple[int, ...]):
        super().__init__()
        skips = with_skips(encoder_widths, 0)
        inputs = (encoder_widths[-1], *DECODER_WIDTHS[:-1])
        self.blocks = nn.ModuleList(map(DecoderBlock, inputs, skips, DECODER_WIDTHS))

    def forward(self, maps: list[Tensor]) -> Tensor:
        x = maps[-1]
        for block, skip in zip(self.blocks, with_skips(maps, None), strict=True):
            x = block(x, skip)
        return x


class Student(nn.Module):
    """RGB/255 float [n, 3, h, w] (h, w multiples of 32) -> [n, 10, h, w]: NP logits 2, HV 2 (x first), NC logits 6."""

    def __init__(self, encoder: str):
        super().__init__()
        self.encoder = EfficientNetLite(encoder) if encoder in LITES else MixTransformer(SIZES[encoder])
        self.decoder = Decoder(self.encoder.widths)
        self.segmentation_head = nn.Sequential(nn.Conv2d(DECODER_WIDTHS[-1], HEAD_CHANNELS, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        return self.segmentation_head(self.decoder(self.encoder(x)))
