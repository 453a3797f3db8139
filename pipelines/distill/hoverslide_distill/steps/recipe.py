"""`recipe paper`: the commands by which HoVer-UNet's paper (Tommasino et al. 2023) is repeated on PanNuke, from the
public teacher to the tables.

Three splits: trained on one fold, chosen on the second, measured on the third. Adam, betas .99 and .9999, learning
rate 1e-4, to a tenth after 5 epochs without a gain of 1e-4, down to 1e-6; the end after 10; alpha .5, T 1, a MiT-B2.
"""

import shlex
from dataclasses import dataclass
from pathlib import Path

SPLITS = ((1, 2, 3), (2, 1, 3), (3, 2, 1))
"""Folds to train on, to choose by and to measure on."""
FOLD = 2_600
"""Tiles of a fold of PanNuke, about."""
EPOCHS = 240


@dataclass(frozen=True)
class Settings:
    """What the paper fixes, and what a trial makes smaller. steps None: EPOCHS epochs at most."""

    encoder: str = "b2"
    batch: int = 64
    steps: int | None = None
    workers: int = 8
    device: str | None = None


def paper(pannuke: Path, work: Path, teacher: Path, start: Path | None, settings: Settings) -> list[list[str]]:
    """The arguments of each command, in order. teacher: hover_net's checkpoint for PanNuke. start: a U-Net whose
    encoder has ImageNet's weights; None begins with random ones, as the paper does not.
    """
    device = ["--device", settings.device] if settings.device else []
    epoch = max(1, FOLD // settings.batch)
    steps = settings.steps or EPOCHS * epoch
    imported = str(work / "teacher.pt")
    stores = {fold: str(work / f"fold{fold}") for fold in (1, 2, 3)}
    commands = [
        ["prepare", "--form", "pannuke", "--data", str(pannuke / f"Fold{fold}"), "--store", store]
        for fold, store in stores.items()
    ]
    said = ["--classes", "pannuke", "--licence", "CC BY-NC-SA 4.0"]
    commands.append(["import", str(teacher), "--out", imported, *said])
    commands += [["soften", "--store", store, "--teacher", imported, *device] for store in stores.values()]
    for number, (train, choose, test) in enumerate(SPLITS, start=1):
        run = work / f"split{number}"
        student = ["student", "--store", stores[train], "--validation", stores[choose], "--out", str(run)]
        student += ["--encoder", settings.encoder, *(["--init", str(start)] if start else [])]
        student += ["--alpha", "0.5", "--temperature", "1", "--batch", str(settings.batch), "--steps", str(steps)]
        student += ["--lr", "1e-4", "--betas", "0.99", "0.9999", "--weight-decay", "0", "--warmup", "0", "--ema", "0"]
        student += ["--plateau", "1e-4", "--lr-floor", "1e-6", "--look-every", str(min(epoch, steps))]
        commands.append([*student, "--workers", str(settings.workers), "--seed", str(number), *device])
        nets = ["--net", str(run / "best.pt"), "--net", imported]
        commands.append(["measure", "--store", stores[test], *nets, "--out", f"{run}.json", *device])
    return commands


def as_text(commands: list[list[str]]) -> str:
    return "\n".join(shlex.join(["hoverslide_distill", *command]) for command in commands)
