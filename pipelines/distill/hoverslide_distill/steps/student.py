"""`student`: train the U-Net on labels, and on a teacher's maps too where a mix says so."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..data.crops import CropDataset
from ..data.splits import split
from ..data.store import Field
from ..data.targets import hv_maps
from ..errors import DistillError
from ..evaluation.tiles import look, spread_tiles
from ..losses.authors import authors_distillation_loss, authors_student_loss
from ..losses.distillation import Mix, distillation_loss, mixed_loss
from ..losses.student import Targets, read_targets, student_loss
from ..models.efficientnet_lite import LITES, imagenet_file, load_imagenet
from ..models.load import load_student
from ..models.unet import Student
from ..training.device import autocast, pick_device, place, to_input
from ..training.loop import Loss, Plan, Run

AUTHORS_HV = "hv-authors"
Maps = Callable[[dict[str, Tensor], torch.device], Tensor]


def loss_on_labels(
    output: Tensor, batch: dict[str, Tensor], loss: Callable[[Tensor, Targets], dict[str, Tensor]] = student_loss
) -> dict[str, Tensor]:
    return loss(output, read_targets(batch["label"].to(output.device), batch["hv"].to(output.device)))


authors_loss_on_labels = partial(loss_on_labels, loss=authors_student_loss)


def stored_maps(batch: dict[str, Tensor], device: torch.device) -> Tensor:
    """What `soften` wrote, [n, 10, h, w]."""
    return batch["soft"].to(device).float()


def live_maps(teacher: Student, batch: dict[str, Tensor], device: torch.device) -> Tensor:
    """What a teacher says of the very crops that the student sees, [n, 10, h, w]."""
    with torch.no_grad(), autocast(device):
        return teacher(to_input(batch["image"], device)).float()


def distilled_loss(mix: Mix, authors_form: bool = False, maps: Maps = stored_maps) -> Loss:
    def loss(output: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        teacher = maps(batch, output.device)
        if authors_form:
            on_teacher = authors_distillation_loss(output, teacher, mix.temperature)
            return mixed_loss(authors_loss_on_labels(output, batch), on_teacher, mix)
        return mixed_loss(loss_on_labels(output, batch), distillation_loss(output, teacher, mix), mix)

    return loss


def start_model(encoder: str, init: Path | None, imagenet: bool) -> Student:
    """The student to train: the one in a checkpoint, or a new one, its encoder with ImageNet's weights if wanted."""
    if init:
        return load_student(init, encoder)
    student = Student(encoder)
    if imagenet:
        if encoder not in LITES:
            expected = " or ".join(LITES)
            raise DistillError(f"--imagenet: expected --encoder {expected}, found {encoder}: it has no weights")
        load_imagenet(student.encoder, imagenet_file(encoder))
    return student


def write_authors_hv(fields: list[Field]) -> None:
    """Distances in the authors' form, of fields that have none yet; DistillError where nuclei are merged."""
    for field in fields:
        if not field.has("instances"):
            path = field.path("instances")
            raise DistillError(f"{path}: --authors-form: expected nuclei labelled one by one, found them merged")
        if not field.has(AUTHORS_HV):
            field.write(AUTHORS_HV, hv_maps(np.array(field.read("instances")), authors_form=True))


def train_student(
    store: Path,
    out: Path,
    model: Student,
    mix: Mix | None,
    plan: Plan,
    seed: int,
    device_name: str | None,
    validation_store: Path | None = None,
    authors_form: bool = False,
    teacher: Path | None = None,
) -> None:
    """Train into out/checkpoint.pt. mix: None trains on labels alone. validation_store: a store of its own for looks,
    all of the first one being trained on. authors_form: loss and distances of HoVer-UNet's code (`losses.authors`).
    teacher: a student's checkpoint that teaches crop by crop; without it a mix takes the maps of `soften`.
    """
    training, validation = split(store, validation_store)
    softened = mix is not None and teacher is None
    bare = next((field for field in training if not field.has("soft")), None)
    if softened and bare:
        raise DistillError(
            f"{bare.path('soft')}: expected the teacher's maps of every training field: run `soften` or give --teacher"
        )
    if plan.plateau is not None and not (plan.look_every and spread_tiles(validation)):
        raise DistillError("--plateau: expected looks at fields of validation: --look-every, --validation")
    hv_part = "hv"
    if authors_form:
        write_authors_hv(training + validation)
        hv_part = AUTHORS_HV
    crops = CropDataset(training, seed, with_soft=softened, hv_part=hv_part)
    device = pick_device(device_name)
    tiles = spread_tiles(validation)
    on_labels = authors_loss_on_labels if authors_form else loss_on_labels
    looked = partial(look, tiles=tiles, loss=on_labels, device=device, hv_part=hv_part) if tiles else None
    maps = partial(live_maps, place(load_student(teacher).requires_grad_(False), device)) if teacher else stored_maps
    Run(out, model, distilled_loss(mix, authors_form, maps) if mix else on_labels, plan, device, looked).train(crops)
