"""`student`: train the U-Net on labels, and on a teacher's maps too where a mix says so."""

from functools import partial
from pathlib import Path

from torch import Tensor

from ..data.crops import CropDataset
from ..data.splits import split
from ..errors import DistillError
from ..evaluation.tiles import look, spread_tiles
from ..losses.distillation import Mix, distillation_loss, mixed_loss
from ..losses.student import read_targets, student_loss
from ..models.efficientnet_lite import imagenet_file, load_imagenet
from ..models.load import load_student
from ..models.unet import LITE, Student
from ..training.device import pick_device
from ..training.loop import Loss, Plan, Run


def loss_on_labels(output: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    return student_loss(output, read_targets(batch["label"].to(output.device), batch["hv"].to(output.device)))


def distilled_loss(mix: Mix) -> Loss:
    def loss(output: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        teacher = batch["soft"].to(output.device).float()
        return mixed_loss(loss_on_labels(output, batch), distillation_loss(output, teacher, mix), mix)

    return loss


def start_model(encoder: str, init: Path | None, imagenet: bool) -> Student:
    """The student to train: the one in a checkpoint, or a new one, its encoder with ImageNet's weights if wanted."""
    if init:
        return load_student(init, encoder)
    student = Student(encoder)
    if imagenet:
        if encoder != LITE:
            raise DistillError(f"--imagenet: expected --encoder {LITE}, found {encoder}; there are no weights for it")
        load_imagenet(student.encoder, imagenet_file())
    return student


def train_student(
    store: Path, out: Path, model: Student, mix: Mix | None, plan: Plan, seed: int, device_name: str | None
) -> None:
    """Train into out/checkpoint.pt. mix: None trains on labels alone."""
    training, validation = split(store)
    bare = next((field for field in training if not field.has("soft")), None)
    if mix and bare:
        raise DistillError(
            f"{bare.path('soft')}: expected the teacher's maps of every training field, run `soften` first"
        )
    crops = CropDataset(training, seed, with_soft=mix is not None)
    device = pick_device(device_name)
    tiles = spread_tiles(validation)
    looked = partial(look, tiles=tiles, loss=loss_on_labels, device=device) if tiles else None
    Run(out, model, distilled_loss(mix) if mix else loss_on_labels, plan, device, looked).train(crops)
