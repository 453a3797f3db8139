"""Where and in what precision a net runs."""

import ctypes

import torch
from torch import Tensor, nn

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
TOP_PAD = 2**28


def pick_device(name: str | None = None) -> torch.device:
    """The named device, or CUDA where there is one, else the CPU."""
    return torch.device(name or ("cuda" if torch.cuda.is_available() else "cpu"))


def autocast(device: torch.device) -> torch.autocast:
    """bfloat16 where an operation is safe in it: on CUDA, and on CPUs with AVX-512 BF16 or AMX; else float32."""
    safe = device.type != "cpu" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=safe)


def keep_freed_memory() -> None:
    """Make glibc reuse the memory of large tensors: given back and fetched anew, its pages are zeroed in every step."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # no such function in other C libraries
    if mallopt:
        for option, value in ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, -1), (M_TOP_PAD, TOP_PAD)):
            mallopt(option, value)


def choose_kernels() -> None:
    """Of CUDA's kernels let convolutions, always of one size, take the fastest, and attention not cuDNN's: its gradient
    is not a number for 64 keys, what a MiT has at 256 px, on Hopper (pytorch/pytorch#196678).
    """
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.enable_cudnn_sdp(False)


def to_input(image: Tensor, device: torch.device) -> Tensor:
    """uint8 [n, h, w, 3] -> float [n, 3, h, w] in 0..1, channels-last in memory."""
    return image.to(device, non_blocking=True).permute(0, 3, 1, 2).float().div_(255)


def place(model: nn.Module, device: torch.device) -> nn.Module:
    return model.to(device, memory_format=torch.channels_last)
