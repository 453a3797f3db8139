"""The student as the product runs it: pixels in, packed maps out, all of it in the graph."""

import torch
from torch import Tensor, nn

from .unet import HV, NC, Student

PATCH, STRIDE = 256, 192
MARGIN = (PATCH - STRIDE) // 2


class PackedStudent(nn.Module):
    """uint8 [n, 256, 256, 3] RGB -> maps uint8 [n, 192, 192, 4] of the patch's centre,
    and logits float32 [n, 10, 256, 256].

    maps: np = floor(256 p) up to 255, h and v = round(100 x) + 128 in 0..255, argmax class.
    """

    def __init__(self, student: Student):
        super().__init__()
        self.student = student

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.student(image.permute(0, 3, 1, 2).float() / 255)
        centre = logits[:, :, MARGIN:-MARGIN, MARGIN:-MARGIN]
        # For two classes the softmax is the sigmoid of their difference.
        nucleus = torch.sigmoid(centre[:, 1:2] - centre[:, 0:1])
        np_byte = torch.floor(256 * nucleus).clamp(max=255)
        hv_bytes = (torch.round(100 * centre[:, HV]) + 128).clamp(0, 255)
        classes = centre[:, NC].argmax(1, keepdim=True).float()
        maps = torch.cat([np_byte, hv_bytes, classes], 1).permute(0, 2, 3, 1)
        return maps.to(torch.uint8), logits
