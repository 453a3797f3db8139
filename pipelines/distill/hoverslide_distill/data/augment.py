"""Changes of a crop's pixels that leave its labels true: stain, focus, noise, compression, glass and pen."""

import cv2
import numpy as np

from .labels import IGNORE

# Ruifrok and Johnston's haematoxylin, eosin and residual, as unit rows of optical density.
STAINS = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]])
STAINS /= np.linalg.norm(STAINS, axis=1, keepdims=True)
UNMIX = np.linalg.inv(STAINS)
OPTICAL_DENSITY = -np.log((np.arange(256) + 1.0) / 256).astype(np.float32)
PEN_COLORS = ((20, 20, 20), (20, 40, 140), (20, 110, 60), (150, 25, 35))


def jitter_stain(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Scale and shift each stain, and the light: one affine map of optical density, then a contrast in intensity."""
    scale = rng.uniform(0.75, 1.3, 3)
    mix = (UNMIX * scale) @ STAINS
    shift = rng.uniform(-0.03, 0.05, 3) @ STAINS + rng.uniform(-0.02, 0.02, 3)
    density = OPTICAL_DENSITY[image] @ mix.astype(np.float32) + shift.astype(np.float32)
    intensity = 256 * np.exp(-density) - 1
    return np.clip(intensity, 0, 255).astype(np.uint8)


def restain(image: np.ndarray, like: np.ndarray) -> np.ndarray:
    """The image with the mean and the spread of another's colours in L*a*b* (Reinhard et al. 2001), so that no stain
    stands for a set, and what its labels say of classes.
    """
    lab, other = (cv2.cvtColor(i, cv2.COLOR_RGB2LAB).astype(np.float32) for i in (image, like))
    (mean, spread), (other_mean, other_spread) = ((i.mean((0, 1)), i.std((0, 1)) + 1) for i in (lab, other))
    moved = (lab - mean) * np.clip(other_spread / spread, 0.6, 1.7) + other_mean
    return cv2.cvtColor(np.clip(np.rint(moved), 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)


def blur(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.6))


def sharpen(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    strength = rng.uniform(0.3, 1.0)
    return cv2.addWeighted(image, 1 + strength, cv2.GaussianBlur(image, (0, 0), 1.2), -strength, 0)


def add_noise(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    noise = rng.standard_normal(image.shape, np.float32) * rng.uniform(2, 9)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def compress(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    _, jpeg = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 95))))
    return cv2.imdecode(jpeg, cv2.IMREAD_COLOR)


PIXEL_CHANGES = ((jitter_stain, 0.85), (blur, 0.12), (sharpen, 0.12), (add_noise, 0.1), (compress, 0.25))


def change_pixels(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    for change, probability in PIXEL_CHANGES:
        if rng.random() < probability:
            image = change(image, rng)
    return image


def glass(size: int, rng: np.random.Generator) -> np.ndarray:
    """A crop of empty slide: bright, of one tint, slowly varying, with some specks of dust."""
    tint = np.float32(rng.integers(205, 256) + rng.integers(-8, 9, 3))
    slow = cv2.resize(rng.normal(0, 3, (4, 4, 3)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
    image = tint + slow + rng.normal(0, rng.uniform(0.2, 2.5), (size, size, 3))
    image = np.clip(image, 0, 255).astype(np.uint8)
    for _ in range(rng.integers(0, 6)):
        centre, radius = rng.integers(0, size, 2).tolist(), int(rng.integers(1, 5))
        cv2.circle(image, centre, radius, rng.integers(60, 200, 3).tolist(), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(image, (0, 0), 0.8)


def draw_pen(image: np.ndarray, label: np.ndarray, hv: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """A stroke of a marker pen. Under opaque ink there is nothing to find; through thin ink it is not judged."""
    size = image.shape[0]
    mask = np.zeros(label.shape, np.uint8)
    points = rng.integers(-size // 4, size + size // 4, (int(rng.integers(2, 4)), 2)).astype(np.int32)
    cv2.polylines(mask, [points], False, 255, int(rng.integers(15, 140)), cv2.LINE_AA)
    opacity = rng.uniform(0.5, 1.0)
    weight = (cv2.GaussianBlur(mask, (0, 0), 2.0) / 255 * opacity)[..., None]
    color = np.array(PEN_COLORS[rng.integers(len(PEN_COLORS))]) + rng.integers(-15, 16, 3)
    image = np.clip(image * (1 - weight) + color * weight, 0, 255).astype(np.uint8)
    under = weight[..., 0] > 0.3
    opaque = weight[..., 0] > 0.9
    label = np.where(opaque, 0, np.where(under, IGNORE, label)).astype(np.uint8)
    return image, label, np.where(opaque[..., None], 0, hv).astype(np.int8)
