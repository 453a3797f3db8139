"""A net as the product runs it: pixels in, packed maps out, all of it in the graph."""

import torch
from torch import Tensor, nn

from .centre import CentreStudent
from .unet import HV, Student


def pack_logits(logits: Tensor) -> Tensor:
    """Logits and distances [n, 4 + classes, h, w] -> maps uint8 [n, h, w, 4]: np = floor(256 p) up to 255,
    h and v = round(100 x) + 128 in 0..255, argmax class; without classes, 1 in the mask of nuclei.
    """
    # For two classes the softmax is the sigmoid of their difference.
    return pack(torch.sigmoid(logits[:, 1:2] - logits[:, 0:1]), logits[:, HV], logits[:, HV.stop :])


def pack(nucleus: Tensor, hv: Tensor, classes: Tensor) -> Tensor:
    """The maps of a probability [n, 1, h, w], distances [n, 2, h, w], x first, and class scores [n, classes, h, w],
    background first.
    """
    np_byte = torch.floor(256 * nucleus).clamp(max=255)
    hv_bytes = (torch.round(100 * hv) + 128).clamp(0, 255)
    best = classes.argmax(1, keepdim=True).float() if classes.shape[1] else (np_byte >= 128).float()
    return torch.cat([np_byte, hv_bytes, best], 1).permute(0, 2, 3, 1).to(torch.uint8)


class PackedNet(nn.Module):
    """uint8 [n, patch, patch, 3] RGB -> of the patch's middle, maps uint8 [n, kept, kept, 4] and logits float32
    [n, 4 + classes, kept, kept].
    """

    def __init__(self, net: nn.Module):
        super().__init__()
        # The name stands in the files' nodes, by which `quantize` finds a student's decoder.
        self.student = CentreStudent(net) if isinstance(net, Student) else net

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.student(image.permute(0, 3, 1, 2).float() / 255)
        return pack_logits(logits), logits
