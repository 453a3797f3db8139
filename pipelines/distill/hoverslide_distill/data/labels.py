"""What a pixel's label says, as one byte, and what each data set's own class ids become.

A code names the set of net classes that the label allows; supervision maximises the probability of that set.
So partial labels ('neoplastic or epithelial', 'a nucleus of unknown type') and full ones are one thing.
"""

import numpy as np

CLASS_NAMES = ("background", "neoplastic", "inflammatory", "connective", "dead", "epithelial")
CLASS_COUNT = len(CLASS_NAMES)

NUCLEUS = 6  # a nucleus, its type not labelled
NEOPLASTIC_OR_EPITHELIAL = 7
IGNORE = 8  # nothing is known of this pixel
NOT_NEOPLASTIC = 9  # a nucleus of tissue without tumour
STROMAL_OR_IMMUNE = 10  # a nucleus of tissue that has no epithelium either
CARCINOMA = 11  # a nucleus of a carcinoma's field: epithelium there is neoplastic
CODE_COUNT = 12

ALLOWED = np.zeros((CODE_COUNT, CLASS_COUNT), np.float32)
ALLOWED[:CLASS_COUNT] = np.eye(CLASS_COUNT)
ALLOWED[NUCLEUS, 1:] = 1
ALLOWED[NEOPLASTIC_OR_EPITHELIAL, [1, 5]] = 1
ALLOWED[IGNORE] = 1
ALLOWED[NOT_NEOPLASTIC, [2, 3, 5]] = 1
ALLOWED[STROMAL_OR_IMMUNE, [2, 3]] = 1
ALLOWED[CARCINOMA, [1, 2, 3]] = 1
"""[code, class]: 1 where the code allows the class."""

CONSEP = {1: NUCLEUS, 2: 2, 3: 5, 4: 1, 5: 3, 6: 3, 7: 3}
PANNUKE = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}
LIZARD_EPITHELIUM = {"neoplastic": 1, "non-neoplastic": 5, "unknown": NEOPLASTIC_OR_EPITHELIAL}


def lizard(epithelium: str) -> dict[int, int]:
    """Lizard's class ids to codes, for a field whose epithelium is neoplastic, non-neoplastic or unknown."""
    return {1: 2, 2: LIZARD_EPITHELIUM[epithelium], 3: 2, 4: 2, 5: 2, 6: 3}


def encode(instances: np.ndarray, types: np.ndarray, codes: dict[int, int]) -> np.ndarray:
    """Label codes uint8 [h, w] of instance ids and class ids [h, w]; nuclei without a known class id become NUCLEUS."""
    table = np.full(256, NUCLEUS, np.uint8)
    for own, code in codes.items():
        table[own] = code
    label = table[types]
    label[instances == 0] = 0
    return label
