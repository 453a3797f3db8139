"""`student`: train the U-Net on labels, and on a teacher's maps too where a mix says so."""

from pathlib import Path

from torch import Tensor

from ..data.crops import CropDataset
from ..data.splits import split
from ..errors import DistillError
from ..losses.distillation import Mix, distillation_loss, mixed_loss
from ..losses.student import read_targets, student_loss
from ..models.load import load_student
from ..models.unet import Student
from ..training.device import pick_device
from ..training.loop import Loss, Plan, Run


def loss_on_labels(output: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    return student_loss(output, read_targets(batch["label"].to(output.device), batch["hv"].to(output.device)))


def distilled_loss(mix: Mix) -> Loss:
    def loss(output: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        teacher = batch["soft"].to(output.device).float()
        return mixed_loss(loss_on_labels(output, batch), distillation_loss(output, teacher, mix), mix)

    return loss


def train_student(
    store: Path, out: Path, encoder: str, init: Path | None, mix: Mix | None, plan: Plan, seed: int, device: str | None
) -> None:
    """Train into out/checkpoint.pt. init: weights to start from, of the same encoder.
    mix: None trains on labels alone.
    """
    training, _ = split(store)
    bare = next((field for field in training if not field.has("soft")), None)
    if mix and bare:
        raise DistillError(
            f"{bare.path('soft')}: expected the teacher's maps of every training field, run `soften` first"
        )
    model = load_student(init, encoder) if init else Student(encoder)
    crops = CropDataset(training, seed, with_soft=mix is not None)
    Run(out, model, distilled_loss(mix) if mix else loss_on_labels, plan, pick_device(device)).train(crops)
