"""The learning rate by the loss on validation, as HoVer-UNet's paper has it, in place of a schedule by the step."""

import math
from dataclasses import asdict, dataclass

PATIENCE, FACTOR, STOP_AFTER = 5, 0.1, 10
"""Looks without a gain before the rate falls to a tenth, and before the run ends."""


@dataclass
class Plateau:
    """The rate falls after more than PATIENCE looks in a row whose loss is not below the best by the share delta (as
    PyTorch's ReduceLROnPlateau), down to floor. The run ends after STOP_AFTER looks that are not below it by delta.
    """

    rate: float
    floor: float
    delta: float
    best: float = math.inf
    bad: int = 0
    best_to_stop: float = math.inf
    bad_to_stop: int = 0

    @property
    def is_over(self) -> bool:
        return self.bad_to_stop >= STOP_AFTER

    def look(self, loss: float) -> bool:
        """Take in a look's loss; whether it is the best so far."""
        is_best = loss < min(self.best, self.best_to_stop)
        if loss < self.best * (1 - self.delta):
            self.best, self.bad = loss, 0
        else:
            self.bad += 1
        if self.bad > PATIENCE:
            self.rate, self.bad = max(self.rate * FACTOR, self.floor), 0
        if loss <= self.best_to_stop - self.delta:
            self.best_to_stop, self.bad_to_stop = loss, 0
        else:
            self.bad_to_stop += 1
        return is_best

    def state(self) -> dict[str, float]:
        return asdict(self)
