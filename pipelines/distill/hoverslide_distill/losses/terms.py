"""The terms that HoVer-Net's and the student's losses are made of.
All return a scalar; all means are over the pixels that are supervised.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

EPSILON = 1e-6
FAR = 1e4
"""Taken of a logit, it leaves nothing of its probability, and no infinity whose gradient is not a number."""
GRADIENT_SIZE = 5


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of values where mask is 1; 0 where nothing is. Shapes broadcast."""
    mask = mask.expand_as(values)
    return (values * mask).sum() / mask.sum().clamp(min=1)


def allowed_cross_entropy(logits: Tensor, label: Tensor, allowed: Tensor, known: Tensor) -> Tensor:
    """-log of the probability of the set of classes that each pixel's code allows;
    for a full label this is cross entropy.

    The gradient moves the logits of a set as one, which leaves their shares as they are. That of the probability itself
    raises each class by its share, so that the likeliest takes all, and what no label says is learned.

    logits [n, c, h, w]; label long [n, h, w] of codes; allowed [codes, c] of 0 and 1; known [n, h, w] of 0 and 1.
    """
    allows = allowed[label].permute(0, 3, 1, 2)
    among = torch.logsumexp(logits - FAR * (1 - allows), 1).detach()
    mean = (logits * allows).sum(1) / allows.sum(1)
    others = torch.logsumexp(logits - FAR * allows, 1)
    return masked_mean(F.softplus(others - (among + mean - mean.detach())), known)


def dice(probabilities: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """1 - 2 |p t| / (|p| + |t|), averaged over the classes that occur in the target.

    probabilities and target [n, c, h, w]; mask [n, h, w], 1 where the target is known.
    """
    mask = mask[:, None]
    p, t = probabilities * mask, target * mask
    overlap = (p * t).sum((0, 2, 3))
    total = p.sum((0, 2, 3)) + t.sum((0, 2, 3))
    occurs = (t.sum((0, 2, 3)) > 0).to(p.dtype)
    return masked_mean(1 - 2 * overlap / (total + EPSILON), occurs)


def mean_squared(hv: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """hv and target [n, 2, h, w]; mask [n, h, w]."""
    return masked_mean((hv - target) ** 2, mask[:, None])


def gradient_kernels(device: torch.device) -> Tensor:
    """[2, 1, 5, 5]: HoVer-Net's weights x / (x^2 + y^2) for d/dx of h, and y / (x^2 + y^2) for d/dy of v."""
    steps = torch.arange(GRADIENT_SIZE, device=device, dtype=torch.float32) - GRADIENT_SIZE // 2
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    square = (x**2 + y**2).clamp(min=EPSILON)
    return torch.stack([x / square, y / square])[:, None]


def hv_gradients(hv: Tensor) -> Tensor:
    """d/dx of h and d/dy of v, [n, 2, h, w] -> [n, 2, h, w]; zeros beyond the border."""
    return F.conv2d(hv, gradient_kernels(hv.device), padding=GRADIENT_SIZE // 2, groups=2)


def mean_squared_gradient(hv: Tensor, target: Tensor, focus: Tensor) -> Tensor:
    """Squared error of the gradients, where focus [n, h, w] (the nuclei, or their probability) says."""
    error = (hv_gradients(hv - target)) ** 2  # the gradient is linear: one convolution instead of two
    return (error * focus[:, None]).sum() / (2 * focus.sum() + EPSILON)
