"""Made-up tissue: dark ellipses, some of them touching, on a pink ground."""

import cv2
import numpy as np

GROUND = np.array([231, 190, 214])
NUCLEUS_COLORS = {1: (122, 70, 140), 2: (64, 40, 110), 3: (150, 95, 160)}


def make_field(size: int, seed: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Image uint8 [size, size, 3], instances int32 and PanNuke class ids uint8 [size, size]."""
    rng = np.random.default_rng(seed)
    instances = np.zeros((size, size), np.int32)
    types = np.zeros((size, size), np.uint8)
    image = np.clip(GROUND + rng.normal(0, 4, (size, size, 3)), 0, 255)
    for index in range(1, count + 1):
        centre, axes = rng.integers(8, size - 8, 2).tolist(), rng.integers(6, 11, 2).tolist()
        mask = np.zeros((size, size), np.uint8)
        cv2.ellipse(mask, centre, axes, float(rng.uniform(0, 180)), 0, 360, 1, -1)
        new = (mask > 0) & (instances == 0)
        if new.sum() < 0.7 * mask.sum():
            continue
        kind = int(rng.integers(1, 4))
        instances[new], types[new] = index, kind
        image[new] = np.array(NUCLEUS_COLORS[kind]) + rng.normal(0, 4, (int(new.sum()), 3))
    return np.clip(image, 0, 255).astype(np.uint8), instances, types


def write_untyped(root, set_name: str, name: str, kind: str, mask: np.ndarray) -> None:
    """A field in the form of the packs, black, whose nuclei have no type. kind: of the label, instances or nuclei."""
    black = np.zeros((*mask.shape, 3), np.uint8)
    for path, image in ((f"images/{name}.png", black), (f"labels/{name}.{kind}.png", mask)):
        file = root / set_name / "train" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(file), image)


def write_pack(root, set_name: str, size: int, count: int, fields: int) -> None:
    """A data set in the form of the packs."""
    for part in ("images", "labels"):
        (root / set_name / "train" / part).mkdir(parents=True)
    for i in range(1, fields + 1):
        image, instances, types = make_field(size, i, count)
        folder = root / set_name / "train"
        cv2.imwrite(str(folder / f"images/train_{i}.png"), image[..., ::-1])
        cv2.imwrite(str(folder / f"labels/train_{i}.instances.png"), instances.astype(np.uint16))
        cv2.imwrite(str(folder / f"labels/train_{i}.types.png"), types)
