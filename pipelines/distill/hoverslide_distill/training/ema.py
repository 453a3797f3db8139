"""Exponential moving average of a net's weights and statistics."""

import copy

import torch
from torch import nn


class Ema:
    """Keeps a shadow of `model`; its horizon grows with the steps seen, so that the start is forgotten quickly."""

    def __init__(self, model: nn.Module, decay: float):
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for shadow, value in zip(self.model.state_dict().values(), model.state_dict().values(), strict=True):
            if shadow.is_floating_point():
                shadow.lerp_(value, 1 - decay)
            else:
                shadow.copy_(value)
