"""Training crops: crop i is a pure function of the store, the seed and i,
so that a run that was killed goes on with the very same data.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from . import augment
from .labels import IGNORE
from .store import Field
from .targets import HV_UNKNOWN

CROP = 256
SCALES = (0.8, 1.25)
GLASS_RATE = 0.015
PEN_RATE = 0.015
RESTAIN_RATE = 0.4  # of crops that get the colours of another
CENTRED_RATE = 0.6  # of crops that are centred near a nucleus of a class drawn by the root of its nuclei
SET_WEIGHTS = {"consep": 0.32, "lizard": 0.27, "monuseg": 0.23, "nuinsseg": 0.18}
"""Share of crops per set; a set that is not named here weighs as much as all that are named."""


@dataclass(frozen=True)
class Crop:
    """image uint8 [h, w, 3], label uint8 [h, w], hv int8 [h, w, 2], soft float16 [10, h, w] or None."""

    image: np.ndarray
    label: np.ndarray
    hv: np.ndarray
    soft: np.ndarray | None


class FieldSampler:
    """Draws a set by its weight, then some crops by class and the others by area.

    Drawn evenly, rare classes are overrated (F of 'neoplastic' in normal mucosa), by area alone hardly learned: the
    root of the number of nuclei is between.
    """

    def __init__(self, fields: list[Field]):
        self.sets = sorted({field.set for field in fields})
        self.fields = {name: [f for f in fields if f.set == name] for name in self.sets}
        weights = np.array([SET_WEIGHTS.get(name, 1.0) for name in self.sets])
        self.set_weights = weights / weights.sum()
        self.nuclei = {name: self.by_class(self.fields[name]) for name in self.sets}
        roots = {name: np.sqrt([len(nuclei) for nuclei in classes]) for name, classes in self.nuclei.items()}
        self.class_weights = {name: root / root.sum() for name, root in roots.items()}
        self.areas = {}
        for name in self.sets:
            areas = np.array([f.read("label").size for f in self.fields[name]], float)
            self.areas[name] = areas / areas.sum()

    @staticmethod
    def by_class(fields: list[Field]) -> list[np.ndarray]:
        """Per label code that occurs: int32 [n, 3] of field index, row, column."""
        rows = [np.insert(np.load(f.path("nuclei")), 0, i, axis=1) for i, f in enumerate(fields)]
        table = np.concatenate(rows)
        return [table[table[:, 3] == code, :3] for code in np.unique(table[:, 3])]

    def draw(self, rng: np.random.Generator) -> tuple[Field, int, int]:
        """A field and the row and column of a crop's centre in it."""
        name = self.sets[rng.choice(len(self.sets), p=self.set_weights)]
        classes = self.nuclei[name]
        if classes and rng.random() < CENTRED_RATE:
            nuclei = classes[rng.choice(len(classes), p=self.class_weights[name])]
            index, row, column = nuclei[rng.integers(len(nuclei))]
            row, column = (row, column) + rng.integers(-CROP // 3, CROP // 3 + 1, 2)
            return self.fields[name][index], int(row), int(column)
        field = self.fields[name][rng.choice(len(self.fields[name]), p=self.areas[name])]
        height, width = field.read("label").shape
        return field, int(rng.integers(height)), int(rng.integers(width))


def square(field: Field, row: int, column: int, side: int) -> tuple[slice, slice]:
    """Rows and columns of the square of `side` px about a centre, moved inside the field; less where it is smaller."""
    height, width = field.read("label").shape
    top = int(np.clip(row - side // 2, 0, max(height - side, 0)))
    left = int(np.clip(column - side // 2, 0, max(width - side, 0)))
    return np.s_[top : top + side, left : left + side]


def cut_image(field: Field, window: tuple[slice, slice], side: int) -> np.ndarray:
    """The image alone of such a square; where the field is smaller, mirrored."""
    image = np.array(field.read("image")[window])
    below, right = side - image.shape[0], side - image.shape[1]
    return cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REFLECT_101) if below or right else image


def cut(field: Field, row: int, column: int, side: int, hv_part: str = "hv") -> Crop:
    """The square of `side` px about a centre, moved inside the field;
    where the field is smaller, mirrored and ignored.
    """
    window = square(field, row, column, side)
    image = cut_image(field, window, side)
    label, hv = (np.array(field.read(part)[window]) for part in ("label", hv_part))
    soft = np.array(field.read("soft")[:, *window]) if field.has("soft") else None
    below, right = side - label.shape[0], side - label.shape[1]
    if below or right:
        label = np.pad(label, ((0, below), (0, right)), constant_values=IGNORE)
        hv = np.pad(hv, ((0, below), (0, right), (0, 0)), constant_values=HV_UNKNOWN)
        if soft is not None:
            soft = np.pad(soft, ((0, 0), (0, below), (0, right)), "reflect")
    return Crop(image, label, hv, soft)


def rescale(crop: Crop, size: int) -> Crop:
    side = crop.label.shape[0]
    if side == size:
        return crop
    smooth = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    soft = crop.soft
    if soft is not None:
        moved = cv2.resize(soft.astype(np.float32).transpose(1, 2, 0), (size, size), interpolation=cv2.INTER_LINEAR)
        soft = moved.transpose(2, 0, 1).astype(np.float16)
    nearest = cv2.INTER_NEAREST_EXACT
    return Crop(
        cv2.resize(crop.image, (size, size), interpolation=smooth),
        cv2.resize(crop.label, (size, size), interpolation=nearest),
        cv2.resize(crop.hv, (size, size), interpolation=nearest),
        soft,
    )


def turn(crop: Crop, transpose: bool, flip_x: bool, flip_y: bool) -> Crop:
    """One of the eight symmetries of the square. HV are components of a vector: they swap and change sign with it."""
    image, label, hv, soft = crop.image, crop.label, crop.hv, crop.soft
    if transpose:
        image, label, hv = image.transpose(1, 0, 2), label.T, hv.transpose(1, 0, 2)[..., ::-1]
        if soft is not None:
            soft = soft.transpose(0, 2, 1)[[0, 1, 3, 2, *range(4, 10)]]
    for flipped, axis, component in ((flip_x, 1, 0), (flip_y, 0, 1)):
        if not flipped:
            continue
        image, label, hv = (np.flip(a, axis) for a in (image, label, hv))
        hv = hv.copy()
        known = hv[..., component] != HV_UNKNOWN
        hv[..., component][known] *= -1
        if soft is not None:
            soft = np.flip(soft, axis + 1).copy()
            soft[2 + component] *= -1
    return Crop(*(None if a is None else np.ascontiguousarray(a) for a in (image, label, hv, soft)))


class CropDataset(Dataset):
    """Crop i as tensors: image uint8 [h, w, 3], label uint8 [h, w], hv int8 [h, w, 2];
    soft float16 [10, h, w] where a teacher has been. hv_part: which of a field's parts its distances are.
    """

    def __init__(
        self, fields: list[Field], seed: int, with_soft: bool, augmented: bool = True, size: int = CROP, hv_part="hv"
    ):
        self.hv_part = hv_part
        self.sampler = FieldSampler(fields)
        self.seed = seed
        self.with_soft = with_soft
        self.augmented = augmented
        self.size = size

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        rng = np.random.default_rng([self.seed, index])
        crop = self.augmented_crop(rng) if self.augmented else cut(*self.sampler.draw(rng), self.size, self.hv_part)
        item = {"image": crop.image, "label": crop.label, "hv": crop.hv}
        if self.with_soft:
            item["soft"] = crop.soft
        return {name: torch.from_numpy(array) for name, array in item.items()}

    def augmented_crop(self, rng: np.random.Generator) -> Crop:
        field, row, column = self.sampler.draw(rng)
        # Even in the logarithm, so that larger and smaller are as likely.
        scale = np.exp(rng.uniform(*np.log(SCALES)))
        crop = rescale(cut(field, row, column, round(self.size / scale), self.hv_part), self.size)
        crop = turn(crop, *(rng.random(3) < 0.5))
        image, label, hv = crop.image, crop.label, crop.hv
        if rng.random() < RESTAIN_RATE:
            other, *centre = self.sampler.draw(rng)
            image = augment.restain(image, cut_image(other, square(other, *centre, self.size), self.size))
        image = augment.change_pixels(image, rng)
        if not self.with_soft and rng.random() < GLASS_RATE:
            image, label, hv = augment.glass(self.size, rng), np.zeros_like(label), np.zeros_like(hv)
        elif not self.with_soft and rng.random() < PEN_RATE:
            image, label, hv = augment.draw_pen(image, label, hv, rng)
        return Crop(image, label, hv, crop.soft)
