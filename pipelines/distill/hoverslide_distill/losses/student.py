"""The student's loss on labels: the six terms of HoVer-Net (Graham et al. 2019), which HoVer-UNet's student terms are.

HV: mean squared error and that of the gradients within nuclei. NP and NC: cross entropy and dice.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ..data.labels import ALLOWED, CLASS_COUNT, IGNORE
from ..data.targets import HV_SCALE, HV_UNKNOWN
from ..models.unet import HV, NC, NP
from . import terms


@dataclass(frozen=True)
class Targets:
    """What a batch's labels say, on the device, in float32 ([n, h, w], hv [n, 2, h, w])."""

    codes: Tensor
    """long, `data.labels`"""
    known: Tensor
    """1 but where a pixel is to be ignored"""
    nucleus: Tensor
    hv: Tensor
    hv_known: Tensor


def read_targets(label: Tensor, hv: Tensor) -> Targets:
    """From label uint8 [n, h, w] and hv int8 [n, h, w, 2]."""
    codes = label.long()
    known = codes != IGNORE
    hv = hv.permute(0, 3, 1, 2)
    hv_known = (hv[:, 0] != HV_UNKNOWN) & known
    distances = torch.where(hv_known[:, None], hv.float() / HV_SCALE, 0.0)
    return Targets(codes, known.float(), ((codes > 0) & known).float(), distances, hv_known.float())


def nc_target(codes: Tensor) -> tuple[Tensor, Tensor]:
    """One-hot classes [n, c, h, w] of the fully labelled pixels, and where those are [n, h, w]."""
    single = codes < CLASS_COUNT
    one_hot = torch.eye(CLASS_COUNT, device=codes.device)[codes.where(single, 0)].permute(0, 3, 1, 2)
    return one_hot, single.float()


def student_loss(output: Tensor, targets: Targets) -> dict[str, Tensor]:
    """The six terms, by name. output: [n, 10, h, w] in float32."""
    np_logits, hv, nc_logits = output[:, NP], output[:, HV], output[:, NC]
    allowed = torch.from_numpy(ALLOWED).to(output.device)
    nucleus = targets.nucleus.long()
    np_one_hot = torch.stack([1 - targets.nucleus, targets.nucleus], 1)
    one_hot, single = nc_target(targets.codes)
    return {
        "np_ce": terms.allowed_cross_entropy(np_logits, nucleus, torch.eye(2, device=output.device), targets.known),
        "np_dice": terms.dice(np_logits.softmax(1), np_one_hot, targets.known),
        "hv_mse": terms.mean_squared(hv, targets.hv, targets.hv_known),
        "hv_msge": terms.mean_squared_gradient(hv, targets.hv, targets.nucleus * targets.hv_known),
        "nc_ce": terms.allowed_cross_entropy(nc_logits, targets.codes, allowed, targets.known),
        "nc_dice": terms.dice(nc_logits.softmax(1), one_hot, single),
    }
