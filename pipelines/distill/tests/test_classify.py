"""Classes by the vote of nets."""

import numpy as np
import pytest
import torch
from hoverslide_distill.cli import main
from hoverslide_distill.data.labels import CARCINOMA, NOT_NEOPLASTIC, NUCLEUS, STROMAL_OR_IMMUNE
from hoverslide_distill.data.store import open_store
from hoverslide_distill.models.unet import Student
from hoverslide_distill.steps.classify import classified, vote
from synthetic import make_field, write_untyped


@pytest.mark.parametrize(
    ("code", "votes", "found"),
    [
        (NOT_NEOPLASTIC, [0.0, 0.7, 0.1, 0.1, 0.0, 0.1], 5),  # epithelium, and here it is not neoplastic
        (CARCINOMA, [0.0, 0.2, 0.2, 0.1, 0.0, 0.5], 1),
        (CARCINOMA, [0.0, 0.3, 0.3, 0.3, 0.0, 0.1], CARCINOMA),  # .4 of the votes: not sure
        (STROMAL_OR_IMMUNE, [0.0, 0.8, 0.05, 0.15, 0.0, 0.0], 3),  # of what can be there, .75
        (STROMAL_OR_IMMUNE, [0.2, 0.8, 0.0, 0.0, 0.0, 0.0], STROMAL_OR_IMMUNE),  # no vote for what can be there
    ],
)
def test_a_vote_by_hand(code, votes, found):
    assert vote(np.array(votes), code) == found


def test_nuclei_with_a_class_or_of_any_keep_it():
    instances = np.zeros((4, 9), int)
    instances[:, 0:2], instances[:, 3:5], instances[:, 6:8] = 1, 2, 3
    label = np.select([instances == 1, instances == 2, instances == 3], [2, NUCLEUS, CARCINOMA]).astype(np.uint8)
    found = classified(label, instances, [np.full((4, 9), 1), np.where(instances == 3, 3, 1)])
    assert [found[0, x] for x in (0, 3, 6, 8)] == [2, NUCLEUS, CARCINOMA, 0]  # one net says 1, the other 3
    found = classified(label, instances, [np.full((4, 9), 3)])
    assert [found[0, x] for x in (0, 3, 6, 8)] == [2, NUCLEUS, 3, 0]


def test_the_store_gets_the_classes(tmp_path):
    _, ids, _ = make_field(96, 1, 10)
    write_untyped(tmp_path / "data", "nuinsseg", "530", "instances", ids.astype(np.uint16))  # a mouse's heart
    store, net = tmp_path / "store", tmp_path / "net.pt"
    assert main(["prepare", "--data", str(tmp_path / "data"), "--store", str(store)]) == 0
    (field,) = open_store(store)
    assert set(np.unique(field.read("label"))) == {0, STROMAL_OR_IMMUNE}
    student = Student("lite0")
    torch.nn.init.zeros_(student.segmentation_head[0].weight)
    student.segmentation_head[0].bias.data = torch.eye(10)[4 + 2]  # all inflammatory
    torch.save({"model": student.state_dict()}, net)
    assert main(["classify", "--store", str(store), "--net", str(net), "--device", "cpu"]) == 0
    assert set(np.unique(field.read("label"))) == {0, 2} == {0, *np.load(field.path("nuclei"))[:, 2]}
