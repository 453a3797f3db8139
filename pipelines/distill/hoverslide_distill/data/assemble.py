"""From what a data set labels to what the store keeps, the same for every form that data sets come in."""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from . import labels, targets

SOLID = 0.93  # components of a bilevel mask that are more convex than this are taken for one nucleus
SINGLE_NUCLEUS_AREA = range(30, 4000)  # px at 0.25 um/px


@dataclass(frozen=True)
class Labelled:
    """One field at 0.25 um/px: image uint8 [h, w, 3], label codes uint8 [h, w], hv int8 [h, w, 2],
    instances int32 or None.
    """

    image: np.ndarray
    label: np.ndarray
    hv: np.ndarray
    instances: np.ndarray | None


def double_image(image: np.ndarray) -> np.ndarray:
    return cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)


def from_instances(
    image: np.ndarray, instances: np.ndarray, types: np.ndarray, codes: dict[int, int], mpp: float
) -> Labelled:
    """A field whose nuclei are labelled one by one, at 0.25 or at 0.5 um/px (then doubled).
    types: the set's own class ids.
    """
    instances = instances.astype(np.int32)
    label = labels.encode(instances, types, codes)
    if mpp == 0.5:
        image = double_image(image)
        code_of = np.zeros(instances.max() + 1, np.uint8)
        code_of[instances] = label
        instances = targets.double(instances).astype(np.int32)
        label = code_of[instances]
    return Labelled(image, label, targets.hv_maps(instances), instances)


def from_merged_mask(image: np.ndarray, mask: np.ndarray, code: int = labels.NUCLEUS) -> Labelled:
    """A field of which only a mask is known, in which touching nuclei are one:
    HV only where a component is plainly one nucleus. code: what is known of the class of every nucleus.
    """
    components, _ = ndimage.label(mask)
    label = np.where(mask, code, 0).astype(np.uint8)
    unknown = np.zeros(mask.shape, bool)
    for index, box in enumerate(ndimage.find_objects(components), start=1):
        component = components[box] == index
        if component.sum() not in SINGLE_NUCLEUS_AREA or targets.solidity(component) < SOLID:
            unknown[box] |= component
    hv = targets.hv_maps(np.where(unknown, 0, components))
    hv[unknown] = targets.HV_UNKNOWN
    return Labelled(image, label, hv, None)
