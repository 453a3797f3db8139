"""From published forms of data to crops."""

import cv2
import numpy as np
import pytest
from hoverslide_distill.data import augment, labels, targets
from hoverslide_distill.data import crops as crops_module
from hoverslide_distill.data.assemble import from_instances, from_merged_mask
from hoverslide_distill.data.crops import Crop, CropDataset, FieldSampler, cut, turn
from hoverslide_distill.data.mat import find_mat_fields
from hoverslide_distill.data.packs import find_pack_fields
from hoverslide_distill.data.pannuke import find_pannuke_fields, merge_channels
from hoverslide_distill.data.splits import split
from hoverslide_distill.data.store import open_store
from hoverslide_distill.errors import DistillError
from hoverslide_distill.steps.prepare import prepare
from scipy.io import savemat
from synthetic import make_field, write_pack, write_untyped


def test_distances_of_a_bar():
    instances = np.zeros((3, 7), np.int32)
    instances[1, 1:6] = 4
    hv = targets.hv_maps(instances)
    assert hv[1, 1:6, 0].tolist() == [-100, -50, 0, 50, 100]
    assert not hv[..., 1].any() and not hv[0].any()


def test_consep_codes():
    instances = np.arange(9)[None]
    types = np.array([[0, 1, 2, 3, 4, 5, 6, 7, 9]], np.uint8)
    code = labels.encode(instances, types, labels.CONSEP)
    assert code.tolist() == [[0, labels.NUCLEUS, 2, 5, 1, 3, 3, 3, labels.NUCLEUS]]


def test_doubled_fields_keep_their_nuclei():
    image, instances, types = make_field(96, 5, 14)
    labelled = from_instances(image, instances, types, labels.PANNUKE, mpp=0.5)
    assert labelled.image.shape == (192, 192, 3)
    assert np.array_equal(np.unique(labelled.instances), np.unique(instances))
    area = np.bincount(instances.ravel())[1:], np.bincount(labelled.instances.ravel())[1:]
    assert np.allclose(4 * area[0], area[1], rtol=0.15, atol=12)


def test_merged_masks_have_distances_only_where_one_nucleus_is_plain():
    mask = np.zeros((60, 100), np.uint8)
    cv2.ellipse(mask, (20, 30), (12, 9), 20, 0, 360, 1, -1)
    cv2.circle(mask, (60, 30), 10, 1, -1)
    cv2.circle(mask, (78, 30), 10, 1, -1)
    labelled = from_merged_mask(np.zeros((60, 100, 3), np.uint8), mask > 0)
    unknown = labelled.hv[..., 0] == targets.HV_UNKNOWN
    assert not unknown[:, :40].any()
    assert (unknown[:, 45:] == (mask[:, 45:] > 0)).all()
    assert set(np.unique(labelled.label)) == {0, labels.NUCLEUS}


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("1", "inflammatory connective epithelial"),  # bladder
        ("140", "neoplastic inflammatory connective dead epithelial"),  # may be the melanoma
        ("530", "inflammatory connective"),  # a mouse's heart
        ("human_brain_02", "neoplastic inflammatory connective dead epithelial"),
    ],
)
def test_normal_organs_say_which_classes_a_nucleus_is_not(tmp_path, name, allowed):
    mask = np.zeros((64, 64), np.uint8)
    cv2.circle(mask, (30, 30), 10, 255, -1)
    write_untyped(tmp_path, "nuinsseg", name, "nuclei", mask)
    label = find_pack_fields(tmp_path)[0].read().label
    code = label[30, 30]
    assert " ".join(np.array(labels.CLASS_NAMES)[labels.ALLOWED[code] > 0]) == allowed
    assert set(np.unique(label)) == {0, code}


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("TCGA-21-5786-01Z-00-DX1", "neoplastic inflammatory connective"),  # lung
        ("TCGA-G9-6362-01Z-00-DX1", "neoplastic inflammatory connective dead epithelial"),  # prostate
        ("mine", "neoplastic inflammatory connective dead epithelial"),
    ],
)
def test_a_carcinomas_epithelium_is_neoplastic(tmp_path, name, allowed):
    ids = np.zeros((64, 64), np.uint8)
    cv2.circle(ids, (30, 30), 10, 1, -1)
    write_untyped(tmp_path, "monuseg", name, "instances", ids)
    code = find_pack_fields(tmp_path)[0].read().label[30, 30]
    assert " ".join(np.array(labels.CLASS_NAMES)[labels.ALLOWED[code] > 0]) == allowed


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize("flip_x", [False, True])
@pytest.mark.parametrize("flip_y", [False, True])
def test_distances_turn_with_the_crop(transpose, flip_x, flip_y):
    """Turned distances are the distances of the turned nuclei (squares, so that rounded centres agree)."""
    instances = np.zeros((20, 20), np.int32)
    instances[2:9, 3:10], instances[12:17, 8:19] = 1, 2
    crop = Crop(np.zeros((20, 20, 3), np.uint8), instances.astype(np.uint8), targets.hv_maps(instances), None)
    turned = turn(crop, transpose, flip_x, flip_y)
    assert np.array_equal(turned.hv, targets.hv_maps(turned.label.astype(np.int32)))


def test_pannuke_channels_merge():
    mask = np.zeros((4, 4, 6))
    mask[0, 0, 0], mask[0, 1, 0], mask[2, 2, 1], mask[3, 3, 4] = 3, 9, 3, 1
    mask[..., 5] = mask[..., :5].sum(-1) == 0
    instances, types = merge_channels(mask)
    assert [instances[0, 0], instances[0, 1], instances[2, 2], instances[3, 3]] == [1, 2, 3, 4]
    assert [types[0, 0], types[2, 2], types[3, 3], types[1, 1]] == [1, 2, 5, 0]


def test_pannuke_folds_are_prepared(tmp_path):
    image, instances, types = make_field(256, 1, 30)
    masks = np.zeros((2, 256, 256, 6))
    for kind in range(1, 6):
        masks[0, ..., kind - 1] = np.where(types == kind, instances, 0)
    for part, array in (("images", np.stack([image, image]).astype(float)), ("masks", masks)):
        folder = tmp_path / f"Fold 1/{part}/fold1"
        folder.mkdir(parents=True)
        np.save(folder / f"{part}.npy", array)
    assert [f.name for f in find_pannuke_fields(tmp_path)] == ["fold1_00000", "fold1_00001"]
    prepare("pannuke", tmp_path, tmp_path / "store")
    fields = open_store(tmp_path / "store")
    assert np.array_equal(fields[0].read("label"), types)
    assert not fields[1].read("label").any()


def test_mat_files(tmp_path):
    image, instances, types = make_field(64, 2, 8)
    for folder in ("Train/Images", "Train/Labels", "Test/Labels", "Images1", "Lizard"):
        (tmp_path / folder).mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "Train/Images/train_1.png"), image[..., ::-1])
    savemat(
        tmp_path / "Train/Labels/train_1.mat", {"inst_map": instances.astype(float), "type_map": types.astype(float)}
    )
    savemat(tmp_path / "Test/Labels/test_1.mat", {"inst_map": instances})
    fields = find_mat_fields(tmp_path, "consep")
    assert [f.name for f in fields] == ["train_1"]
    labelled = fields[0].read()
    assert np.array_equal(labelled.image, image)
    assert np.array_equal(labelled.label, labels.encode(instances, types, labels.CONSEP))

    ids = np.unique(instances)[1:]
    savemat(
        tmp_path / "Train/Labels/train_1.mat",
        {"inst_map": instances, "id": ids[:, None], "class": np.full(len(ids), 6)},
    )
    assert set(np.unique(fields[0].read().label)) == {0, 3}
    savemat(tmp_path / "Train/Labels/train_1.mat", {"other": instances})
    with pytest.raises(DistillError, match="expected a variable inst_map"):
        fields[0].read()


def test_prepare_goes_on_where_it_stopped(tmp_path):
    write_pack(tmp_path / "data", "consep", 96, 10, fields=3)
    prepare("packs", tmp_path / "data", tmp_path / "store")
    first, *_ = open_store(tmp_path / "store")
    untouched = first.path("image").stat().st_mtime_ns
    open_store(tmp_path / "store")[2].path("nuclei").unlink()
    prepare("packs", tmp_path / "data", tmp_path / "store")
    assert len(open_store(tmp_path / "store")) == 3
    assert first.path("image").stat().st_mtime_ns == untouched


def test_validation_fields_are_never_trained_on(tmp_path):
    write_pack(tmp_path / "data", "consep", 64, 5, fields=4)
    prepare("packs", tmp_path / "data", tmp_path / "store")
    training, validation = split(tmp_path / "store")
    assert [f.name for f in training] == ["train_1", "train_2", "train_4"]
    assert [f.name for f in validation] == ["train_3"]


def test_crops_depend_on_seed_and_index_alone(tmp_path):
    write_pack(tmp_path / "data", "consep", 160, 20, fields=2)
    prepare("packs", tmp_path / "data", tmp_path / "store")
    fields = open_store(tmp_path / "store")
    one, two = (CropDataset(fields, 7, with_soft=False, size=128) for _ in range(2))
    one[3]
    for name, tensor in one[11].items():
        assert tensor.equal(two[11][name])
    assert not one[11]["image"].equal(one[12]["image"])


def test_a_crop_larger_than_its_field_ignores_what_lies_beyond(tmp_path):
    write_pack(tmp_path / "data", "consep", 64, 6, fields=1)
    prepare("packs", tmp_path / "data", tmp_path / "store")
    crop = cut(open_store(tmp_path / "store")[0], 10, 10, 96)
    assert crop.image.shape == (96, 96, 3)
    assert (crop.label[64:] == labels.IGNORE).all() and (crop.label[:64, :64] != labels.IGNORE).all()


def test_glass_is_bright_and_holds_nothing(tmp_path, monkeypatch):
    rng = np.random.default_rng(3)
    for _ in range(20):
        glass = augment.glass(128, rng)
        assert glass.shape == (128, 128, 3) and np.median(glass) > 190
    assert draw_crop(tmp_path, monkeypatch, "GLASS_RATE")["label"].max() == 0


def test_pen_covers_what_is_under_it(tmp_path, monkeypatch):
    """Under opaque ink nothing is to be found, thin ink is not judged, elsewhere image and labels stay."""
    image, instances, types = make_field(256, 4, 40)
    label, hv = types.copy(), targets.hv_maps(instances)
    covered = 0
    for seed in range(20):
        inked, new_label, new_hv = augment.draw_pen(image, label, hv, np.random.default_rng(seed))
        changed = new_label != label
        assert set(np.unique(new_label[changed])) <= {0, labels.IGNORE}
        erased = (label > 0) & (new_label == 0)
        assert not new_hv[erased].any()
        assert np.array_equal(new_hv[~changed & (new_label > 0)], hv[~changed & (label > 0)])
        moved = np.abs(inked.astype(int) - image).max(-1)
        assert not changed.any() or (moved[changed] > 0).mean() > 0.9
        covered += int(erased.sum())
    assert covered > 0
    assert (draw_crop(tmp_path, monkeypatch, "PEN_RATE")["label"] == labels.IGNORE).any()


def draw_crop(folder, monkeypatch, rate: str) -> dict[str, np.ndarray]:
    """The first crop of a data set in which every crop is of the kind that a rate speaks of."""
    monkeypatch.setattr(crops_module, rate, 1.0)
    write_pack(folder / "data", "consep", 160, 20, fields=1)
    prepare("packs", folder / "data", folder / "store")
    crops = CropDataset(open_store(folder / "store"), 8, with_soft=False, size=128)
    return {name: tensor.numpy() for name, tensor in crops[0].items()}


def test_classes_are_drawn_by_the_root_of_their_nuclei(tmp_path):
    """Of crops near a nucleus: the one of class 3 beside 49 of class 1 is the middle of one in eight (1 to 7)."""
    write_pack(tmp_path / "data", "pannuke", 512, 0, fields=1)
    prepare("packs", tmp_path / "data", tmp_path / "store")
    field = open_store(tmp_path / "store")[0]
    common = [[100, 20 + 3 * i, 1] for i in range(49)]
    field.write("nuclei", np.array([*common, [400, 400, 3]], np.int32))
    sampler, rng = FieldSampler([field]), np.random.default_rng(0)
    reach = crops_module.CROP // 3
    drawn = [sampler.draw(rng)[1:] for _ in range(2000)]
    near_rare = np.mean([abs(row - 400) <= reach and abs(column - 400) <= reach for row, column in drawn])
    by_area = (1 - crops_module.CENTRED_RATE) * (2 * reach + 1) ** 2 / 512**2
    assert near_rare == pytest.approx(crops_module.CENTRED_RATE / 8 + by_area, abs=0.04)
