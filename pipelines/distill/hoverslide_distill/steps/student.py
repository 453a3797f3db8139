"""`student`: train the U-Net on labels, and on a teacher's maps where `soften` has made them."""

from pathlib import Path

from torch import Tensor

from ..data.crops import CropDataset
from ..data.splits import split
from ..losses.student import read_targets, student_loss
from ..models.load import load_student
from ..models.unet import Student
from ..training.device import pick_device
from ..training.loop import Plan, Run


def train_student(store: Path, out: Path, encoder: str, init: Path | None, plan: Plan, seed: int, device: str | None) -> None:
    training, _ = split(store)
    model = load_student(init) if init else Student(encoder)

    def loss(output: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return student_loss(output, read_targets(batch["label"].to(output.device), batch["hv"].to(output.device)))

    Run(out, model, loss, plan, pick_device(device)).train(CropDataset(training, seed, with_soft=False))
