"""A training run that can be killed at any time: its folder holds all that the next step depends on.

Crops depend on the seed and their index alone, so a resumed run takes the very steps that the killed one
would have taken.
"""

import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from ..errors import DistillError
from .device import autocast, choose_kernels, keep_freed_memory, place, to_input
from .ema import Ema
from .plateau import Plateau

Loss = Callable[[Tensor, dict[str, Tensor]], dict[str, Tensor]]
Look = Callable[[nn.Module], dict[str, float]]


@dataclass(frozen=True)
class Plan:
    """steps and minutes (0: no limit by the clock) both end a run; the one nearer its end sets the learning rate.
    encoder_share: the encoder's learning rate over that of the rest. look_every: steps between looks, 0 for none.
    plateau: the rate by the looks' loss, with this least gain, in place of the cosine. clip: of the gradient's norm,
    0 for none.
    """

    steps: int
    batch: int = 16
    lr: float = 1e-4
    lr_floor: float = 0.0
    encoder_share: float = 1.0
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.01
    warmup_steps: int = 100
    ema: float = 0.999
    minutes: float = 0.0
    workers: int = 1
    save_seconds: float = 300.0
    look_every: int = 0
    plateau: float | None = None
    clip: float = 1.0
    compile: bool = False


def learning_rate(plan: Plan, step: int, done: float, rate: float | None = None) -> float:
    """Linear warm-up, then a half cosine from lr to lr_floor as `done` goes from 0 to 1, or the plateau's rate."""
    warmup = min(1.0, (step + 1) / max(plan.warmup_steps, 1))
    if rate is not None:
        return warmup * rate
    return warmup * (plan.lr_floor + (plan.lr - plan.lr_floor) * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))


def parameter_groups(model: nn.Module, encoder_share: float) -> list[dict]:
    """The encoder's parameters and the others, each with its share of the learning rate; one group where all have 1."""
    if encoder_share == 1:
        return [{"params": list(model.parameters()), "share": 1.0}]
    named = list(model.named_parameters())
    encoder = [p for name, p in named if name.startswith("encoder.")]
    others = [p for name, p in named if not name.startswith("encoder.")]
    return [{"params": encoder, "share": encoder_share}, {"params": others, "share": 1.0}]


def one_thread(worker: int) -> None:
    """A worker for each core needs no threads of its own."""
    cv2.setNumThreads(0)


class Run:
    """Trains `model` by `plan` into `folder`, from the folder's checkpoint where there is one.
    look: measures of the averaged net, logged every `plan.look_every` steps. With a plateau, the averaged net of the
    least loss stands in best.pt.
    """

    def __init__(
        self, folder: Path, model: nn.Module, loss: Loss, plan: Plan, device: torch.device, look: Look | None = None
    ):
        keep_freed_memory()
        choose_kernels()
        self.folder, self.plan, self.loss, self.device, self.look = folder, plan, loss, device, look
        self.model = place(model, device)
        self.ema = Ema(self.model, plan.ema)
        groups = parameter_groups(model, plan.encoder_share)
        self.optimizer = torch.optim.AdamW(groups, plan.lr, plan.betas, weight_decay=plan.weight_decay)
        self.plateau = None if plan.plateau is None else Plateau(plan.lr, plan.lr_floor, plan.plateau)
        self.step = 0
        self.seconds = 0.0
        self.forward = torch.compile(self.model) if plan.compile else self.model
        folder.mkdir(parents=True, exist_ok=True)
        if self.checkpoint.exists():
            self.restore()

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def save(self) -> None:
        partial = self.checkpoint.with_suffix(".part")
        state = {
            "model": self.model.state_dict(),
            "ema": self.ema.model.state_dict(),
            "ema_updates": self.ema.updates,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            **({"plateau": self.plateau.state()} if self.plateau else {}),
        }
        torch.save(state, partial)
        os.replace(partial, self.checkpoint)

    def save_best(self) -> None:
        partial, best = self.folder / "best.part", self.folder / "best.pt"
        torch.save({"ema": self.ema.model.state_dict(), "step": self.step}, partial)
        os.replace(partial, best)

    def restore(self) -> None:
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.ema.model.load_state_dict(state["ema"])
        self.ema.updates = state["ema_updates"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]
        if self.plateau and "plateau" in state:
            self.plateau = Plateau(**state["plateau"])

    def done(self) -> float:
        """Share of the plan that is behind us, 0 to 1."""
        if self.plateau and self.plateau.is_over:
            return 1.0
        by_clock = self.seconds / (60 * self.plan.minutes) if self.plan.minutes else 0.0
        return max(self.step / self.plan.steps, by_clock)

    def batches(self, crops: Dataset) -> DataLoader:
        batch = self.plan.batch
        indices = [range(i * batch, (i + 1) * batch) for i in range(self.step, self.plan.steps)]
        return DataLoader(
            crops,
            batch_sampler=indices,
            num_workers=self.plan.workers,
            prefetch_factor=4 if self.plan.workers else None,
            pin_memory=self.device.type == "cuda",
            worker_init_fn=one_thread,
        )

    def take_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        for group in self.optimizer.param_groups:
            rate = self.plateau.rate if self.plateau else None
            group["lr"] = group.get("share", 1.0) * learning_rate(self.plan, self.step, self.done(), rate)
        image = to_input(batch["image"], self.device)
        with autocast(self.device):
            output = self.forward(image)
        terms = self.loss(output.float(), batch)
        total = torch.stack(list(terms.values())).sum()
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        if self.plan.clip:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.plan.clip)
        self.optimizer.step()
        self.ema.update(self.model)
        self.step += 1
        return {name: value.detach() for name, value in terms.items()}

    def train(self, crops: Dataset) -> None:
        """Go on until the plan is done; the checkpoint is then the final one."""
        self.model.train()
        log, saved = Log(self.folder / "log.jsonl"), time.monotonic()
        for batch in self.batches(crops) if self.done() < 1 else []:
            start = log.last or time.monotonic()
            terms = self.take_step(batch)
            log.last = time.monotonic()
            self.seconds += log.last - start
            log.add(self, terms)
            if self.look and self.plan.look_every and self.step % self.plan.look_every == 0:
                found = self.look(self.ema.model)
                append_line(self.folder / "looks.jsonl", {"step": self.step, **found})
                if self.plateau and self.plateau.look(found["loss"]):
                    self.save_best()
                log.last = time.monotonic()  # the time of a look is not one of training
            if log.last - saved > self.plan.save_seconds:
                log.write(self)  # nothing that is not a number is saved
                self.save()
                saved = time.monotonic()
            if self.done() >= 1:
                break
        self.save()


def append_line(path: Path, content: dict) -> None:
    """One JSON line, on disk and on the terminal."""
    text = json.dumps(content)
    print(text, flush=True)
    with open(path, "a") as file:
        file.write(text + "\n")


class Log:
    """One JSON line per 20 steps and before each save, on disk and on the terminal:
    step, seconds of training, learning rate, mean of each term. A loss that is not a number ends the run.
    """

    EVERY = 20

    def __init__(self, path: Path):
        self.path = path
        self.last: float | None = None
        self.terms: list[dict[str, Tensor]] = []

    def add(self, run: Run, terms: dict[str, Tensor]) -> None:
        self.terms.append(terms)
        if run.step % self.EVERY == 0 or run.done() >= 1:
            self.write(run)

    def write(self, run: Run) -> None:
        """The line of the steps since the last one; DistillError where their loss is not finite."""
        if not self.terms:
            return
        means = {name: torch.stack([t[name] for t in self.terms]).mean().item() for name in self.terms[0]}
        self.terms = []
        loss = sum(means.values())
        if not math.isfinite(loss):
            raise DistillError(f"{run.folder}: step {run.step}: expected a finite loss, found {loss}")
        line = {"step": run.step, "seconds": round(run.seconds, 1), "lr": run.optimizer.param_groups[-1]["lr"]}
        append_line(self.path, {**line, "loss": loss, **means})
