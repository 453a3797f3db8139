"""Horizontal and vertical distance targets of HoVer-Net (Graham et al. 2019), made once per field, kept as int8."""

import cv2
import numpy as np
from scipy import ndimage

HV_SCALE = 100
HV_UNKNOWN = -128
"""In an int8 HV map: this pixel's distances are not known."""
AUTHORS_MARGIN = 2


def hv_maps(instances: np.ndarray, authors_form: bool = False) -> np.ndarray:
    """int8 [h, w, 2]: 100 times the distances (x first, then y) to each nucleus's rounded centre of mass,
    each side scaled to -1..1.

    instances: ids [h, w], 0 background. Background is 0. A side on which the nucleus has no pixel stays 0.
    authors_form: as hover_net's and HoVer-UNet's code have it, distances one pixel too large, and none for nuclei that
    begin in the first two rows or columns, where its box, widened by two pixels, leaves the map.
    """
    hv = np.zeros((*instances.shape, 2), np.int8)
    for label, box in enumerate(ndimage.find_objects(instances), start=1):
        if box is None or (authors_form and min(box[0].start, box[1].start) < AUTHORS_MARGIN):
            continue
        mask = instances[box] == label
        rows, columns = np.nonzero(mask)
        for axis, position in ((0, columns), (1, rows)):
            distance = position - int(position.mean() + 0.5) + authors_form
            low, high = max(-distance.min(), 1), max(distance.max(), 1)
            scaled = np.where(distance < 0, distance / low, distance / high)
            hv[box][rows, columns, axis] = np.rint(HV_SCALE * scaled)
    return hv


def solidity(component: np.ndarray) -> float:
    """Area over the area of the convex hull, of the pixels as squares: 1 for a rectangle.
    component: bool [h, w], one component.
    """
    contours, _ = cv2.findContours(component.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    points = np.concatenate(contours)[:, 0, :]
    corners = np.concatenate([points + [x, y] for x in (0, 1) for y in (0, 1)])
    return float(component.sum()) / cv2.contourArea(cv2.convexHull(corners.astype(np.int32)))


def double(instances: np.ndarray) -> np.ndarray:
    """Twice the size, outlines smoothed. A median of ids is always one of the ids in its window,
    so no foreign id arises.
    """
    doubled = instances.astype(np.uint16).repeat(2, axis=0).repeat(2, axis=1)
    return cv2.medianBlur(doubled, 5)
