"""Post-processing and measures against the reference code's own results."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hoverslide_distill.data.labels import NOT_NEOPLASTIC, NUCLEUS
from hoverslide_distill.data.targets import hv_maps
from hoverslide_distill.evaluation import measures
from hoverslide_distill.evaluation.calibrate import candidates, prepare_field, qualities
from hoverslide_distill.evaluation.infer import Net, infer_field, pack
from hoverslide_distill.evaluation.postprocess import Ranges, nucleus_classes, raw_gradients, reference, seamless
from hoverslide_distill.evaluation.symmetry import symmetric
from hoverslide_distill.evaluation.validate import (
    Truth,
    count_allowed,
    score_field,
    score_nuclei,
    summarise,
    summarise_sets,
)
from hoverslide_distill.steps.card import card_ranges
from synthetic import make_field


def perfect_output(instances: np.ndarray, types: np.ndarray) -> np.ndarray:
    """The ten channels of a net that knows the truth."""
    output = np.zeros((10, *instances.shape), np.float32)
    output[1] = np.where(instances > 0, 8, -8)
    output[2:4] = hv_maps(instances).transpose(2, 0, 1) / 100
    np.put_along_axis(output[4:], types[None].astype(np.int64), 9.0, 0)
    return output


def own_ranges(packed: np.ndarray) -> Ranges:
    return Ranges(*((float(s.min()), float(s.max())) for s in raw_gradients(packed)))


def same_nuclei(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal up to the numbering of ids."""
    pairs = np.unique(np.stack([a.ravel(), b.ravel()]), axis=1)
    return ((a > 0) == (b > 0)).all() and pairs.shape[1] == len(np.unique(a)) == len(np.unique(b))


def test_reference_equals_the_reference_code(shared):
    folders = sorted(path for path in (shared / "golden/maps").iterdir() if path.is_dir())
    assert len(folders) > 10
    for folder in folders:
        maps = [np.load(folder / f"{name}.npy") for name in ("np", "h", "v")]
        assert same_nuclei(reference(*maps), np.load(folder / "instances.npy")), folder.name


def test_measures_equal_the_reference_code(shared):
    folder = shared / "golden/metrics"
    images = json.loads((folder / "metrics.json").read_text())["images"]
    for case, expected in images.items():
        true, found = (
            cv2.imread(str(folder / side / f"{case}.instances.png"), cv2.IMREAD_UNCHANGED)
            for side in ("truth", "prediction")
        )
        if expected["dice"] is not None:
            assert measures.dice(true, found) == pytest.approx(expected["dice"], abs=1e-6), case
        if expected["pq"] is not None:
            assert measures.panoptic_quality(true, found) == pytest.approx(expected["pq"], abs=1e-6), case


def test_seamless_finds_the_same_nuclei_in_a_window():
    """A blob whose neighbourhood of 10 px lies in the window does not depend on what is beyond."""
    _, instances, types = make_field(200, 3, 45)
    packed = pack(perfect_output(instances, types))
    ranges = own_ranges(packed)
    whole, window = seamless(packed, ranges), seamless(packed[30:170, 20:180], ranges)
    _, blobs = cv2.connectedComponents((packed[..., 0] >= 128).astype(np.uint8), connectivity=4)
    inner = np.zeros(blobs.shape, bool)
    inner[40:160, 30:170] = True
    kept = np.isin(blobs, np.setdiff1d(blobs[inner], blobs[~inner]))[30:170, 20:180]
    assert kept.any()
    assert same_nuclei(np.where(kept, whole[30:170, 20:180], 0), np.where(kept, window, 0))


def test_the_marker_and_the_sobel_are_the_cards():
    _, instances, types = make_field(200, 3, 60)
    packed = pack(perfect_output(instances, types))
    own = own_ranges(packed)
    counts = [len(np.unique(seamless(packed, replace(own, marker=level)))) for level in (0.1, 0.4, 0.999)]
    assert counts[0] < counts[1] > counts[2]  # too strict for most nuclei; those that touch are one
    small = Ranges(*((float(s.min()), float(s.max())) for s in raw_gradients(packed, 11)), sobel=11)
    found = seamless(packed, small)
    assert measures.panoptic_quality(instances, found) == pytest.approx(
        measures.panoptic_quality(instances, seamless(packed, own)), abs=0.03
    )
    assert not same_nuclei(found, seamless(packed, replace(small, sobel=21)))
    constants = {"h": [-2, 1], "v": [-3, 1.5], "unit": "raw"}
    assert card_ranges({"seamless": constants}) == Ranges((-2, 1), (-3, 1.5))
    assert card_ranges({"seamless": constants | {"marker": 0.6, "sobel": 11}}) == Ranges((-2, 1), (-3, 1.5), 0.6, 11)


def test_constants_are_shares_of_the_median_extremes():
    fields = []
    for seed in (1, 2, 3):
        _, instances, types = make_field(160, seed, 40)
        fields.append(prepare_field(perfect_output(instances, types), Truth(instances, types)))
    assert all(field.reference_quality > 0.8 for field in fields)
    whole, half = candidates(fields, [1.0, 0.5])
    assert whole.h[0] == sorted(field.sobel_h.min() for field in fields)[1]
    assert whole.v[1] == sorted(field.sobel_v.max() for field in fields)[1]
    assert half == Ranges((whole.h[0] / 2, whole.h[1] / 2), (whole.v[0] / 2, whole.v[1] / 2))


def test_quality_with_a_fields_own_range_is_near_the_references():
    _, instances, types = make_field(160, 2, 40)
    output = perfect_output(instances, types)
    output[2:4] += np.random.default_rng(2).normal(0, 0.1, output[2:4].shape)
    field = prepare_field(output, Truth(instances, types))
    own, absurd = qualities(field, [own_ranges(pack(output)), Ranges((1e15, 2e15), (1e15, 2e15))])
    assert own == pytest.approx(field.reference_quality, abs=0.02)
    assert absurd == 0  # all is edge, nothing is a marker


def test_a_perfect_net_has_perfect_detection():
    _, instances, types = make_field(160, 4, 25)
    scores = summarise([score_field(perfect_output(instances, types), Truth(instances, types), None)])
    assert scores["dice"] == 1
    assert scores["F_d"] > 0.95 and scores["PQ"] > 0.9 and scores["mPQ"] > 0.9 and scores["F connective"] > 0.9


def test_quality_by_class():
    """Class 1: two nuclei, one of them found (IoU 1) but as class 2; class 2: its one nucleus is found, IoU .75; a
    nucleus whose class is not labelled is found as class 1, which counts for no class. PQ of class 1: 1 / (1 + .5),
    of class 2: .75 / (1 + .5), of all: (1 + 1 + .75 + 1) / 4.
    """
    truth, found = np.zeros((10, 40), np.int32), np.zeros((10, 40), np.int32)
    label, classes = np.zeros((10, 40), np.uint8), np.zeros((10, 40), np.uint8)
    for i, (kind, said) in enumerate([(1, 1), (1, 2), (2, 2), (NUCLEUS, 1)]):
        left = 10 * i
        truth[1:9, left : left + 8], label[1:9, left : left + 8] = i + 1, kind
        rows = slice(1, 7) if i == 2 else slice(1, 9)
        found[rows, left : left + 8], classes[rows, left : left + 8] = i + 1, said
    score = score_nuclei(found, classes, Truth(truth, label))
    assert score.quality == pytest.approx(3.75 / 4)
    assert score.class_quality[1:3] == pytest.approx([1 / 1.5, 0.75 / 1.5])
    assert np.isnan(score.class_quality[3:]).all()
    assert summarise([score])["mPQ"] == pytest.approx((1 / 1.5 + 0.75 / 1.5) / 2)
    assert summarise([score])["class"] == pytest.approx(2 / 3)


def test_classes_that_a_label_allows():
    """Of a tissue without tumour: two nuclei, one called neoplastic; a third mostly on background is not judged."""
    found, classes, label = np.zeros((10, 30), np.int32), np.zeros((10, 30), np.uint8), np.zeros((10, 30), np.uint8)
    label[:, :20] = NOT_NEOPLASTIC
    for i, (left, said) in enumerate([(0, 1), (10, 3), (18, 1)], start=1):
        found[2:8, left : left + 8], classes[2:8, left : left + 8] = i, said
    assert count_allowed(found, *nucleus_classes(found, classes), label) == (2, 1)


def test_class_of_a_nucleus():
    nuclei = np.array([[1, 1, 1, 2, 2, 2, 3, 3, 4, 4]])
    classes = np.array([[0, 0, 5, 2, 1, 0, 3, 1, 0, 0]], np.uint8)
    ids, kinds = nucleus_classes(nuclei, classes)
    # Background outvotes 5 but is no class; 1 and 2 tie, and 1 and 3; only background.
    assert ids.tolist() == [1, 2, 3, 4]
    assert kinds.tolist() == [5, 1, 1, 0]


def test_packing():
    output = np.zeros((10, 1, 4), np.float32)
    output[1] = [[-100, 0, 100, np.log(3)]]
    output[2] = [[-2, 0.004, 0.005, 1.0]]
    output[6] = 1
    packed = pack(output)
    assert packed[0, :, 0].tolist() == [0, 128, 255, 192]
    assert packed[0, :, 1].tolist() == [0, 128, 128, 228]
    assert (packed[..., 3] == 2).all()


@pytest.mark.parametrize("kept", [192, 164])  # of a student, of a teacher
def test_inference_puts_every_pixel_where_it_was(kept):
    image = np.random.default_rng(0).integers(0, 255, (300, 210, 3), dtype=np.uint8)
    cut = (256 - kept) // 2

    def echo(patches: np.ndarray) -> np.ndarray:
        return np.repeat(patches.transpose(0, 3, 1, 2)[:, :1, cut:-cut, cut:-cut].astype(np.float32), 10, 1)

    assert np.array_equal(infer_field(Net(echo, kept), image)[3], image[..., 0])


def test_merged_nuclei_are_measured_by_dice_alone():
    _, instances, types = make_field(160, 4, 30)
    output = perfect_output(instances, types)
    merged = score_field(output, Truth(None, np.where(instances > 0, NUCLEUS, 0)), None)
    both = [("a", score_field(output, Truth(instances, types), None)), ("b", merged)]
    scores = summarise_sets(both)
    assert merged.dice > 0.95 and scores["b"].keys() == {"dice"}
    assert scores["mean"]["dice"] == pytest.approx((scores["a"]["dice"] + merged.dice) / 2)
    assert scores["mean"]["PQ"] == scores["a"]["PQ"] > 0.8


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_symmetries_are_turned_back(count):
    """A net that does the same wherever a patch is turned to gives the same; what depends on the side is averaged."""
    seen = []

    def run(patches: np.ndarray) -> np.ndarray:
        seen.append(patches)
        red = patches[..., 0].astype(np.float32)
        down, right = np.gradient(red, axis=(1, 2))  # a vector, as distances are
        side = np.broadcast_to(np.arange(32, dtype=np.float32), red.shape)  # 0 on the left, however it is turned
        return np.stack([red, -red, right, down, side], 1)

    patches = np.random.default_rng(2).integers(0, 256, (2, 32, 32, 3), np.uint8)
    plain, mean = run(patches), symmetric(Net(run, 32, 32), count).run(patches)
    assert len({patch.tobytes() for patch in seen[1:]}) == count
    assert np.allclose(mean[:, :4], plain[:, :4], atol=1e-3)
    assert np.allclose(mean[:, 4], plain[:, 4] if count == 1 else 15.5)
