"""`teacher`: train HoVer-Net on labels."""

from pathlib import Path

from torch import Tensor

from ..data.crops import CropDataset
from ..data.splits import split
from ..losses.student import read_targets, student_loss
from ..models.hovernet import MARGIN, HoverNet
from ..models.load import load_teacher
from ..training.device import pick_device
from ..training.loop import Plan, Run

CENTRE = slice(MARGIN, -MARGIN)


def teacher_loss(output: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same six terms as the student's, on the centre of the crop that HoVer-Net gives."""
    label = batch["label"][:, CENTRE, CENTRE].to(output.device)
    hv = batch["hv"][:, CENTRE, CENTRE].to(output.device)
    return student_loss(output, read_targets(label, hv))


def train_teacher(store: Path, out: Path, init: Path | None, plan: Plan, seed: int, device: str | None) -> None:
    """Train into out/checkpoint.pt, from the weights of another checkpoint where `init` names one."""
    training, _ = split(store)
    model = load_teacher(init) if init else HoverNet()
    Run(out, model, teacher_loss, plan, pick_device(device)).train(CropDataset(training, seed, with_soft=False))
