"""Where and in what precision a net runs."""

import torch
from torch import Tensor, nn


def pick_device(name: str | None = None) -> torch.device:
    """The named device, or CUDA where there is one, else the CPU."""
    return torch.device(name or ("cuda" if torch.cuda.is_available() else "cpu"))


def autocast(device: torch.device) -> torch.autocast:
    """bfloat16 where an operation is safe in it: on CUDA, and on CPUs with AVX-512 BF16 or AMX."""
    return torch.autocast(device.type, torch.bfloat16)


def to_input(image: Tensor, device: torch.device) -> Tensor:
    """uint8 [n, h, w, 3] -> float [n, 3, h, w] in 0..1, channels-last in memory."""
    return image.to(device, non_blocking=True).permute(0, 3, 1, 2).float().div_(255)


def place(model: nn.Module, device: torch.device) -> nn.Module:
    return model.to(device, memory_format=torch.channels_last)
