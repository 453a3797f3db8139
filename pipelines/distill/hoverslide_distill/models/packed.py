"""The student as the product runs it: pixels in, packed maps out, all of it in the graph."""

import torch
from torch import Tensor, nn

from .centre import CentreStudent
from .unet import HV, NC, Student


def pack_logits(logits: Tensor) -> Tensor:
    """Logits and distances [n, 10, h, w] -> maps uint8 [n, h, w, 4]: np = floor(256 p) up to 255,
    h and v = round(100 x) + 128 in 0..255, argmax class.
    """
    # For two classes the softmax is the sigmoid of their difference.
    nucleus = torch.sigmoid(logits[:, 1:2] - logits[:, 0:1])
    np_byte = torch.floor(256 * nucleus).clamp(max=255)
    hv_bytes = (torch.round(100 * logits[:, HV]) + 128).clamp(0, 255)
    classes = logits[:, NC].argmax(1, keepdim=True).float()
    return torch.cat([np_byte, hv_bytes, classes], 1).permute(0, 2, 3, 1).to(torch.uint8)


class PackedStudent(nn.Module):
    """uint8 [n, 256, 256, 3] RGB -> of the patch's middle, maps uint8 [n, 192, 192, 4] and logits float32
    [n, 10, 192, 192].
    """

    def __init__(self, student: Student):
        super().__init__()
        self.student = CentreStudent(student)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.student(image.permute(0, 3, 1, 2).float() / 255)
        return pack_logits(logits), logits
