"""A net from a checkpoint, student or HoVer-Net, with what its card says of its shape."""

from dataclasses import dataclass
from pathlib import Path

from torch import nn

from ..data.classes import TABLES, check_count
from ..models.centre import PATCH, STRIDE
from ..models.efficientnet_lite import LITES, full_name
from ..models.hovernet import MODES
from ..models.load import encoder_of, holds_teacher, load_student, load_teacher, read_checkpoint
from .about import About, read_about
from .card import Shape

ENCODER_NAMES = {name: full_name(name) for name in LITES}


@dataclass(frozen=True)
class Loaded:
    """about: what `import` wrote of a foreign net, None for our own."""

    model: nn.Module
    shape: Shape
    about: About | None

    @property
    def class_channels(self) -> int:
        return len(self.shape.classes) + 1 if self.shape.classes else 0


def said_of(path: Path) -> About | None:
    said = read_checkpoint(path).about
    return read_about(said, str(path)) if said else None


def load_net(path: Path) -> Loaded:
    """The net in a checkpoint file, in float32 and in evaluation mode. Nets that nothing is said of are our own, of
    PanNuke's classes; DistillError where they cannot be.
    """
    about = said_of(path)
    classes = about.classes if about else TABLES["pannuke"]
    if holds_teacher(path):
        model = load_teacher(path)
        check_count(classes, model.types, str(path))
        mode = next(name for name, mode in MODES.items() if mode == model.mode)
        return Loaded(model, Shape(f"HoVer-Net, {mode}", model.mode.patch, model.mode.kept, classes), about)
    student = load_student(path)
    encoder = encoder_of(student.state_dict())
    name = ENCODER_NAMES.get(encoder, f"MiT-{encoder.upper()}")
    return Loaded(student, Shape(f"U-Net, {name} encoder (HoVer-UNet)", PATCH, STRIDE, classes), about)
