"""What is known of the classes in sets whose nuclei have no type: tissue with or without tumour, without epithelium.

MoNuSeg's images are of carcinomas (Kumar et al. 2017), of organs that TCGA's code of the site tells, first in their
names. Fields of the prostate hold benign glands too, so nothing is said of them; elsewhere epithelium is neoplastic.

NuInsSeg's 665 images are numbered in the order of the authors' folders ('human bladder' to 'mouse thymus'); names of
organs did not come with them. What stands below is what a look at every image, beside that order, leaves in no doubt.
"""

from .labels import CARCINOMA, NOT_NEOPLASTIC, NUCLEUS, STROMAL_OR_IMMUNE

PROSTATE = ("TCGA-CH-", "TCGA-G9-")

# 'human melanoma' is one of the two; all other tissues are normal.
MAYBE_TUMOUR = (range(132, 144), range(364, 388))

WITHOUT_EPITHELIUM = (
    range(388, 398),  # human spleen
    range(462, 473),  # umbilical cord
    range(473, 515),  # mouse fat
    range(515, 521),  # mouse femur: marrow and bone
    range(521, 548),  # mouse heart
    range(625, 653),  # mouse skeletal muscle
    range(653, 660),  # mouse spleen
)


def nucleus_code(name_of_set: str, name: str) -> int:
    """The label code of every nucleus of an image, by its name; NUCLEUS where nothing is known."""
    if name_of_set == "monuseg" and name.startswith("TCGA-") and not name.startswith(PROSTATE):
        return CARCINOMA
    if name_of_set != "nuinsseg" or not name.isdecimal():
        return NUCLEUS
    number = int(name)
    if any(number in images for images in WITHOUT_EPITHELIUM):
        return STROMAL_OR_IMMUNE
    return NUCLEUS if any(number in images for images in MAYBE_TUMOUR) else NOT_NEOPLASTIC
