"""The student's loss against a teacher's maps, and how it is mixed with the loss on labels (HoVer-UNet, Tommasino
et al. 2023).

Six terms: for NP and for NC the divergence from the teacher at temperature T and the cross entropy with the teacher's
probabilities; for HV the mean squared error and that of the gradients, where the teacher sees nuclei.
Divergence and cross entropy are sums over classes, averaged over pixels;
the authors' code divides the divergence by the classes too.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..models.unet import HV, NC, NP
from . import terms


@dataclass(frozen=True)
class Mix:
    """alpha weighs the loss on labels and 1 - alpha the teacher's, as the paper has it;
    `swapped` as the authors' code does.

    t_squared multiplies the divergence by T squared, as the authors' code does; the paper does not.
    """

    alpha: float = 0.5
    temperature: float = 1.0
    swapped: bool = False
    t_squared: bool = False

    @property
    def weights(self) -> tuple[float, float]:
        """Of the loss on labels and of the distillation."""
        return (1 - self.alpha, self.alpha) if self.swapped else (self.alpha, 1 - self.alpha)


def divergence(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Kullback-Leibler divergence of the student from the teacher, both logits [n, c, h, w], at a temperature;
    mean over pixels.
    """
    log_student = F.log_softmax(student / temperature, 1)
    log_teacher = F.log_softmax(teacher / temperature, 1)
    return (log_teacher.exp() * (log_teacher - log_student)).sum(1).mean()


def soft_cross_entropy(student: Tensor, teacher: Tensor) -> Tensor:
    """-sum of teacher's probability times log of the student's, mean over pixels; both logits [n, c, h, w]."""
    return -(teacher.softmax(1) * F.log_softmax(student, 1)).sum(1).mean()


def distillation_loss(output: Tensor, teacher: Tensor, mix: Mix) -> dict[str, Tensor]:
    """The six terms, by name. output and teacher: [n, 10, h, w] in float32, logits and HV."""
    factor = mix.temperature**2 if mix.t_squared else 1.0
    focus = teacher[:, NP].softmax(1)[:, 1]
    return {
        "np_kl": factor * divergence(output[:, NP], teacher[:, NP], mix.temperature),
        "np_soft_ce": soft_cross_entropy(output[:, NP], teacher[:, NP]),
        "hv_soft_mse": terms.mean_squared(output[:, HV], teacher[:, HV], torch.ones_like(focus)),
        "hv_soft_msge": terms.mean_squared_gradient(output[:, HV], teacher[:, HV], focus),
        "nc_kl": factor * divergence(output[:, NC], teacher[:, NC], mix.temperature),
        "nc_soft_ce": soft_cross_entropy(output[:, NC], teacher[:, NC]),
    }


def mixed_loss(on_labels: dict[str, Tensor], on_teacher: dict[str, Tensor], mix: Mix) -> dict[str, Tensor]:
    """All twelve terms, each times its weight, so that their sum is the loss."""
    label_weight, teacher_weight = mix.weights
    return {name: label_weight * value for name, value in on_labels.items()} | {
        name: teacher_weight * value for name, value in on_teacher.items()
    }
