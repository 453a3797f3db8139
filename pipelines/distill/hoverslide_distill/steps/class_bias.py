"""Sums added to the logits of classes: training draws crops evenly over classes, so that a net overrates rare ones."""

from collections.abc import Mapping

import torch

from ..errors import DistillError
from ..models.unet import NC, Student
from .loaded import Loaded


def add_class_bias(net: Loaded, bias: Mapping[str, float]) -> None:
    """Change the last layer of a student; DistillError for another net, or for classes that it does not have."""
    if not bias:
        return
    if not isinstance(net.model, Student):
        raise DistillError(f"--class-bias: expected a student, found {net.shape.architecture}")
    names = net.shape.class_names
    unknown = [name for name in bias if name not in names]
    if unknown:
        raise DistillError(f"--class-bias: expected one of {', '.join(names)}, found {unknown[0]}")
    with torch.no_grad():
        for name, value in bias.items():
            net.model.segmentation_head[0].bias[NC.start + names.index(name)] += value
