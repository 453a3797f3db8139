"""Mix Vision Transformer encoder (SegFormer; Xie et al. 2021), B0 to B3.

Parameter names are those of segmentation_models_pytorch's `mit_b*` encoders,
so that checkpoints made with it load as they are.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class MixTransformerSize:
    widths: tuple[int, int, int, int]
    depths: tuple[int, int, int, int]


SIZES = {
    "b0": MixTransformerSize((32, 64, 160, 256), (2, 2, 2, 2)),
    "b1": MixTransformerSize((64, 128, 320, 512), (2, 2, 2, 2)),
    "b2": MixTransformerSize((64, 128, 320, 512), (3, 4, 6, 3)),
    "b3": MixTransformerSize((64, 128, 320, 512), (3, 4, 18, 3)),
}
HEADS = (1, 2, 5, 8)
REDUCTIONS = (8, 4, 2, 1)
MLP_RATIO = 4


def to_tokens(x: Tensor) -> Tensor:
    """[n, c, h, w] -> [n, h*w, c]; a view when x is channels-last."""
    return x.flatten(2).transpose(1, 2)


def to_map(tokens: Tensor, height: int, width: int) -> Tensor:
    """[n, h*w, c] -> [n, c, h, w], channels-last in memory."""
    return tokens.transpose(1, 2).reshape(-1, int(tokens.shape[2]), height, width)


class PatchEmbed(nn.Module):
    """Overlapping patches: a strided convolution, then a norm over channels."""

    def __init__(self, in_channels: int, width: int, kernel: int, stride: int):
        super().__init__()
        self.proj = nn.Conv2d(in_channels, width, kernel, stride, kernel // 2)
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> tuple[Tensor, int, int]:
        x = self.proj(x)
        # As plain numbers, so that in ONNX every shape but the batch's is a constant.
        return self.norm(to_tokens(x)), int(x.shape[2]), int(x.shape[3])


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Scaled dot-product attention; written out for ONNX, whose exporter else computes the scale at run time."""
    if torch.onnx.is_in_onnx_export():
        return torch.softmax((q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1), -1) @ v
    return F.scaled_dot_product_attention(q, k, v)


class Attention(nn.Module):
    """Multi-head attention whose keys and values come from a map reduced `reduction` times each way."""

    def __init__(self, width: int, heads: int, reduction: int):
        super().__init__()
        self.heads = heads
        self.reduction = reduction
        self.q = nn.Linear(width, width)
        self.kv = nn.Linear(width, 2 * width)
        self.proj = nn.Linear(width, width)
        if reduction > 1:
            self.sr = nn.Conv2d(width, width, reduction, reduction)
            self.norm = nn.LayerNorm(width)

    def forward(self, tokens: Tensor, height: int, width: int) -> Tensor:
        reduced, ratio = tokens, self.reduction
        if ratio > 1:
            reduced = self.norm(to_tokens(self.sr(to_map(tokens, height, width))))
        count, reduced_count = height * width, (height // ratio) * (width // ratio)
        depth = self.q.out_features // self.heads
        q = self.q(tokens).reshape(-1, count, self.heads, depth).transpose(1, 2)
        kv = self.kv(reduced).reshape(-1, reduced_count, 2, self.heads, depth)
        k, v = kv.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = attend(q, k, v).transpose(1, 2)
        return self.proj(mixed.reshape(-1, count, self.heads * depth))


class DepthwiseConv(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.dwconv = nn.Conv2d(width, width, 3, 1, 1, groups=width)

    def forward(self, tokens: Tensor, height: int, width: int) -> Tensor:
        return to_tokens(self.dwconv(to_map(tokens, height, width)))


class MixFfn(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.fc1 = nn.Linear(width, MLP_RATIO * width)
        self.dwconv = DepthwiseConv(MLP_RATIO * width)
        self.fc2 = nn.Linear(MLP_RATIO * width, width)

    def forward(self, tokens: Tensor, height: int, width: int) -> Tensor:
        if torch.onnx.is_in_onnx_export():
            return to_tokens(self.as_convolutions(to_map(tokens, height, width)))
        return self.fc2(F.gelu(self.dwconv(self.fc1(tokens), height, width)))

    def as_convolutions(self, x: Tensor) -> Tensor:
        """The same without leaving [n, c, h, w]: ONNX Runtime then transposes the narrow maps alone."""
        x = F.conv2d(x, self.fc1.weight[:, :, None, None], self.fc1.bias)
        x = F.gelu(self.dwconv.dwconv(x))
        return F.conv2d(x, self.fc2.weight[:, :, None, None], self.fc2.bias)


class Block(nn.Module):
    def __init__(self, width: int, heads: int, reduction: int):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads, reduction)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = MixFfn(width)

    def forward(self, tokens: Tensor, height: int, width: int) -> Tensor:
        tokens = tokens + self.attn(self.norm1(tokens), height, width)
        return tokens + self.mlp(self.norm2(tokens), height, width)


class MixTransformer(nn.Module):
    """[n, 3, h, w] -> four maps of 1/4, 1/8, 1/16 and 1/32 of the size."""

    def __init__(self, size: MixTransformerSize):
        super().__init__()
        self.widths = size.widths
        channels = (3, *size.widths)
        for i in range(4):
            width = size.widths[i]
            kernel, stride = (7, 4) if i == 0 else (3, 2)
            blocks = [Block(width, HEADS[i], REDUCTIONS[i]) for _ in range(size.depths[i])]
            self.add_module(f"patch_embed{i + 1}", PatchEmbed(channels[i], width, kernel, stride))
            self.add_module(f"block{i + 1}", nn.ModuleList(blocks))
            self.add_module(f"norm{i + 1}", nn.LayerNorm(width, eps=1e-6))
        self.apply(init_weights)

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = []
        for i in range(1, 5):
            tokens, height, width = getattr(self, f"patch_embed{i}")(x)
            for block in getattr(self, f"block{i}"):
                tokens = block(tokens, height, width)
            x = to_map(getattr(self, f"norm{i}")(tokens), height, width)
            maps.append(x)
        return maps


def init_weights(module: nn.Module) -> None:
    """SegFormer's initialisation: truncated normal for linear layers, fan-out normal for convolutions."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Conv2d):
        fan_out = module.kernel_size[0] * module.kernel_size[1] * module.out_channels // module.groups
        nn.init.normal_(module.weight, 0, (2 / fan_out) ** 0.5)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.LayerNorm):
        torch.nn.init.ones_(module.weight)
        torch.nn.init.zeros_(module.bias)
