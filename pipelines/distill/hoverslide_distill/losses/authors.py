"""The loss exactly as HoVer-UNet's authors' code has it (DIAGNijmegen/HoVer-UNet, losses/losses.py), by which their
training can be repeated. It differs from ours, which is the paper's (README, "The loss"):

- cross entropy is weighted by class, on labels (a weighted mean) and on the teacher's probabilities (a plain mean);
- dice is the mean over all classes, those that are absent counting 0;
- the divergence is divided by the number of classes, and multiplied by T squared;
- the kernels of the gradients are swapped: of h the change down is compared, of v the change to the right.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..models.unet import HV, NC, NP
from . import terms
from .student import Targets, nc_target

NP_WEIGHTS = (0.6186044463779635, 1.3813955536220366)
NC_WEIGHTS = (
    *(0.10654577579627722, 0.3310121522330427, 0.7301252761147444),
    *(0.5030386955824504, 3.711333187208553, 0.6179449130649323),
)
"""Of labels, by PanNuke's frequencies."""
SOFT_NP_WEIGHTS = (0.6055308830505653, 1.3944691169494348)
SOFT_NC_WEIGHTS = (
    *(0.12137613059784041, 0.3585983027106687, 0.962839423013976),
    *(0.6344337609164922, 3.1918593602633436, 0.730893022497679),
)
"""Of the teacher's probabilities."""


def weighted_cross_entropy(logits: Tensor, one_hot: Tensor, known: Tensor, weights: tuple[float, ...]) -> Tensor:
    """-log p of the label, mean weighted by the label's class. logits and one_hot [n, c, h, w]; known [n, h, w]."""
    weight = (one_hot * logits.new_tensor(weights)[:, None, None]).sum(1) * known
    nll = -(one_hot * F.log_softmax(logits, 1)).sum(1)
    return (weight * nll).sum() / weight.sum().clamp(min=terms.EPSILON)


def weighted_soft_cross_entropy(student: Tensor, teacher: Tensor, weights: tuple[float, ...]) -> Tensor:
    """-sum of weight, teacher's probability and log of the student's, mean over pixels; both logits [n, c, h, w]."""
    weighted = student.new_tensor(weights)[:, None, None] * teacher.softmax(1)
    return -(weighted * F.log_softmax(student, 1)).sum(1).mean()


def dice_of_all(probabilities: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """`terms.dice` with absent classes as 0 in a mean over all classes."""
    occurring = (target * mask[:, None]).sum((0, 2, 3)) > 0
    return terms.dice(probabilities, target, mask) * occurring.sum() / target.shape[1]


def divergence_by_classes(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Kullback-Leibler divergence at a temperature, times its square, mean over pixels and classes."""
    log_student, log_teacher = (F.log_softmax(x / temperature, 1) for x in (student, teacher))
    return temperature**2 * (log_teacher.exp() * (log_teacher - log_student)).mean()


def swapped_gradient_error(hv: Tensor, target: Tensor, focus: Tensor) -> Tensor:
    """`terms.mean_squared_gradient` with the kernel of the one axis on the map of the other."""
    return terms.mean_squared_gradient(hv.flip(1), target.flip(1), focus)


def authors_student_loss(output: Tensor, targets: Targets) -> dict[str, Tensor]:
    """The six terms on labels, named as ours. Of classes, pixels whose class is fully labelled count."""
    np_logits, hv, nc_logits = output[:, NP], output[:, HV], output[:, NC]
    np_one_hot = torch.stack([1 - targets.nucleus, targets.nucleus], 1)
    one_hot, single = nc_target(targets.codes)
    return {
        "np_ce": weighted_cross_entropy(np_logits, np_one_hot, targets.known, NP_WEIGHTS),
        "np_dice": dice_of_all(np_logits.softmax(1), np_one_hot, targets.known),
        "hv_mse": terms.mean_squared(hv, targets.hv, targets.hv_known),
        "hv_msge": swapped_gradient_error(hv, targets.hv, targets.nucleus * targets.hv_known),
        "nc_ce": weighted_cross_entropy(nc_logits, one_hot, single, NC_WEIGHTS),
        "nc_dice": dice_of_all(nc_logits.softmax(1), one_hot, single),
    }


def authors_distillation_loss(output: Tensor, teacher: Tensor, temperature: float) -> dict[str, Tensor]:
    """The six terms on the teacher's maps, named as ours. output and teacher: [n, 10, h, w] in float32."""
    focus = teacher[:, NP].softmax(1)[:, 1]
    return {
        "np_kl": divergence_by_classes(output[:, NP], teacher[:, NP], temperature),
        "np_soft_ce": weighted_soft_cross_entropy(output[:, NP], teacher[:, NP], SOFT_NP_WEIGHTS),
        "hv_soft_mse": terms.mean_squared(output[:, HV], teacher[:, HV], torch.ones_like(focus)),
        "hv_soft_msge": swapped_gradient_error(output[:, HV], teacher[:, HV], focus),
        "nc_kl": divergence_by_classes(output[:, NC], teacher[:, NC], temperature),
        "nc_soft_ce": weighted_soft_cross_entropy(output[:, NC], teacher[:, NC], SOFT_NC_WEIGHTS),
    }
