"""`classify`: classes of nuclei whose label leaves several, by the vote of nets.

What a set says of all its nuclei at once (`data.tissue`) a net learns by the look of the set: that normal organs have
nothing neoplastic makes it call all tissue but the colon connective. Labels that differ from nucleus to nucleus do not
allow that.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import ndimage

from ..data.labels import ALLOWED, CARCINOMA, CLASS_COUNT, NOT_NEOPLASTIC, STROMAL_OR_IMMUNE
from ..data.splits import split
from ..data.store import Field, components, write_nuclei
from ..evaluation.infer import Net, infer_field
from ..models.unet import HV
from ..progress import progress
from .fields import open_classifier

ALL_AT_ONCE = (NOT_NEOPLASTIC, STROMAL_OR_IMMUNE, CARCINOMA)
"""The codes that a set gives to all its nuclei."""
NEOPLASTIC, EPITHELIAL = 1, 5
SAME_HERE = {NOT_NEOPLASTIC: (NEOPLASTIC, EPITHELIAL), CARCINOMA: (EPITHELIAL, NEOPLASTIC)}
"""A code's class that cannot be, and the one that it is then: epithelium looks like epithelium."""
SURE = 0.6
"""Least share of the votes for allowed classes by which a nucleus gets a class."""


def vote(votes: np.ndarray, code: int) -> int:
    """The class of a nucleus, or its code where the nets are not sure. votes [classes]: the share of pixels of each."""
    votes = votes.copy()
    if code in SAME_HERE:
        wrong, right = SAME_HERE[code]
        votes[right] += votes[wrong]
    votes *= ALLOWED[code]
    best = int(votes.argmax())
    return best if votes[best] > 0 and votes[best] >= SURE * votes.sum() else code


def classified(label: np.ndarray, instances: np.ndarray, classes: Sequence[np.ndarray]) -> np.ndarray:
    """The label codes [h, w] with the classes that were voted for, each net's class map [h, w] one vote a pixel."""
    ids = np.unique(instances[instances > 0])
    codes = ndimage.maximum(label, instances, ids).astype(int)
    votes = sum(np.stack([ndimage.mean(m == c, instances, ids) for c in range(CLASS_COUNT)], 1) for m in classes)
    table = np.zeros(instances.max() + 1, np.uint8)
    table[ids] = [vote(v, code) if code in ALL_AT_ONCE else code for v, code in zip(votes, codes, strict=True)]
    return np.where(instances > 0, table[instances], label)


def classify_field(field: Field, nets: Sequence[Net]) -> None:
    label = np.array(field.read("label"))
    instances = np.array(field.read("instances")) if field.has("instances") else components(label)
    image = np.array(field.read("image"))
    classes = [infer_field(net, image)[HV.stop :].argmax(0) for net in nets]
    label = classified(label, instances, classes)
    field.write("label", label)
    write_nuclei(field, instances, label)


def classify(store: Path, paths: Sequence[Path], device_name: str | None) -> None:
    """Rewrite the labels of every training field of which a set says something of all nuclei at once."""
    nets = [open_classifier(path, device_name) for path in paths]
    training, _ = split(store)
    todo = [field for field in training if np.isin(np.load(field.path("nuclei"))[:, 2], ALL_AT_ONCE).any()]
    for field in progress(todo, "classify"):
        classify_field(field, nets)
