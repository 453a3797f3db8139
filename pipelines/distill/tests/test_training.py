"""The trainer: it learns, and a kill changes nothing."""

import json
from functools import partial

import numpy as np
import pytest
import torch
from hoverslide_distill.data.assemble import from_instances
from hoverslide_distill.data.crops import CropDataset
from hoverslide_distill.data.labels import PANNUKE
from hoverslide_distill.data.splits import split
from hoverslide_distill.errors import DistillError
from hoverslide_distill.evaluation.measures import panoptic_quality
from hoverslide_distill.evaluation.postprocess import reference
from hoverslide_distill.evaluation.tiles import look, spread_tiles
from hoverslide_distill.models.unet import Student
from hoverslide_distill.steps.prepare import prepare
from hoverslide_distill.steps.student import loss_on_labels
from hoverslide_distill.training.device import to_input
from hoverslide_distill.training.ema import Ema
from hoverslide_distill.training.loop import Plan, Run, learning_rate, parameter_groups
from hoverslide_distill.training.plateau import Plateau
from synthetic import make_field, write_pack
from torch.utils.data import Dataset

CPU = torch.device("cpu")


class TwoCrops(Dataset):
    """The same two crops for ever."""

    def __init__(self, size: int):
        self.fields = [from_instances(*make_field(size, seed, 16), PANNUKE, mpp=0.25) for seed in (1, 2)]

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        field = self.fields[index % 2]
        return {name: torch.from_numpy(getattr(field, name)) for name in ("image", "label", "hv")}


def test_overfits_two_crops_in_160_steps(tmp_path):
    crops = TwoCrops(128)
    plan = Plan(steps=160, batch=2, lr=2e-3, warmup_steps=10, ema=0.9, workers=0)
    run = Run(tmp_path, Student("b0"), loss_on_labels, plan, CPU)
    run.train(crops)
    model = run.ema.model
    for field in crops.fields:
        with torch.no_grad():
            output = model(to_input(torch.from_numpy(field.image)[None], CPU))[0]
        np_map = output[:2].softmax(0)[1].numpy()
        h, v = output[2:4].numpy()
        assert panoptic_quality(field.instances, reference(np_map, h, v)) > 0.8
        nucleus = field.label > 0
        assert (output[4:].argmax(0).numpy() == field.label)[nucleus].mean() > 0.9


class Killed(Exception):
    pass


class KilledAfter(Dataset):
    """Crops that stop coming, as in a killed run."""

    def __init__(self, crops: Dataset, count: int):
        self.crops, self.count = crops, count

    def __getitem__(self, index: int):
        if index >= self.count:
            raise Killed
        return self.crops[index]


def test_a_resumed_run_equals_one_that_was_never_killed(tmp_path):
    write_pack(tmp_path / "data", "consep", 96, 10, fields=2)
    prepare("packs", tmp_path / "data", tmp_path / "store")
    training, _ = split(tmp_path / "store")
    crops = CropDataset(training, 5, with_soft=False, size=64)
    plan = Plan(steps=6, batch=2, lr=1e-3, warmup_steps=2, workers=0, save_seconds=0)
    torch.manual_seed(9)
    initial = Student("b0").state_dict()

    def run(folder: str) -> Run:
        model = Student("b0")
        model.load_state_dict(initial)
        return Run(tmp_path / folder, model, loss_on_labels, plan, CPU)

    whole = run("whole")
    whole.train(crops)
    with pytest.raises(Killed):
        run("killed").train(KilledAfter(crops, 2 * 4))
    resumed = run("killed")
    assert resumed.step == 4
    resumed.train(crops)
    assert resumed.step == whole.step == 6
    for one, two in ((whole.model, resumed.model), (whole.ema.model, resumed.ema.model)):
        for name, value in one.state_dict().items():
            assert value.equal(two.state_dict()[name]), name


def test_a_loss_that_is_not_a_number_ends_the_run_and_is_not_saved(tmp_path):
    def loss(output, batch):
        return {"a": output.sum() * (float("nan") if run.step == 2 else 0.0)}

    run = Run(tmp_path, Student("b0"), loss, Plan(steps=9, batch=2, workers=0, save_seconds=0), CPU)
    with pytest.raises(DistillError, match="step 3: expected a finite loss, found nan"):
        run.train(TwoCrops(64))
    assert torch.load(run.checkpoint, weights_only=True)["step"] == 2


def test_a_finished_run_stays_as_it_is(tmp_path):
    plan = Plan(steps=1, batch=2, workers=0)
    Run(tmp_path, Student("b0"), loss_on_labels, plan, CPU).train(TwoCrops(64))
    again = Run(tmp_path, Student("b0"), loss_on_labels, plan, CPU)
    before = {name: value.clone() for name, value in again.model.state_dict().items()}
    again.train(TwoCrops(64))
    assert again.step == 1
    assert all(value.equal(before[name]) for name, value in again.model.state_dict().items())


def test_learning_rate_rises_then_falls_to_its_floor():
    plan = Plan(steps=100, lr=1.0, lr_floor=0.1, warmup_steps=10)
    assert learning_rate(plan, 0, 0.0) == pytest.approx(0.1)
    assert learning_rate(plan, 9, 0.0) == pytest.approx(1.0)
    assert learning_rate(plan, 50, 0.5) == pytest.approx(0.55)
    assert learning_rate(plan, 99, 1.0) == pytest.approx(0.1)


def test_the_encoder_learns_at_its_share_of_the_rate(tmp_path):
    groups = parameter_groups(Student("b0"), 0.25)
    assert [group["share"] for group in groups] == [0.25, 1.0]
    plan = Plan(steps=2, batch=2, lr=1e-3, encoder_share=0.25, warmup_steps=0, workers=0)
    run = Run(tmp_path, Student("b0"), loss_on_labels, plan, CPU)
    run.train(TwoCrops(64))
    encoder, rest = (group["lr"] for group in run.optimizer.param_groups)
    assert 0 < encoder == pytest.approx(0.25 * rest)


def test_looks_are_logged_and_change_nothing(tmp_path):
    write_pack(tmp_path / "data", "consep", 280, 60, fields=3)  # train_3 is for validation
    prepare("packs", tmp_path / "data", tmp_path / "store")
    tiles = spread_tiles(split(tmp_path / "store")[1])
    assert [(tile.top, tile.left) for tile in tiles] == [(12, 12)]
    torch.manual_seed(9)
    initial = Student("b0").state_dict()

    def run(folder: str, look_every: int) -> Run:
        model = Student("b0")
        model.load_state_dict(initial)
        plan = Plan(steps=2, batch=2, warmup_steps=0, workers=0, look_every=look_every)
        looked = partial(look, tiles=tiles, loss=loss_on_labels, device=CPU)
        trained = Run(tmp_path / folder, model, loss_on_labels, plan, CPU, looked)
        trained.train(TwoCrops(64))
        return trained

    one, other = run("looked", 1), run("blind", 0)
    for name, value in one.model.state_dict().items():
        assert value.equal(other.model.state_dict()[name]), name
    lines = [json.loads(line) for line in (tmp_path / "looked/looks.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2]
    assert lines[0].keys() == {"step", "loss", "dice consep", "PQ consep", "PQ"}
    assert not (tmp_path / "blind/looks.jsonl").exists()


def test_average_of_weights():
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    ema = Ema(model, decay=0.5)
    torch.nn.init.ones_(model.weight)
    ema.update(model)
    first = 1 - 2 / 11  # the first update's decay is (1 + 1) / (10 + 1)
    assert ema.model.weight.item() == pytest.approx(first)
    ema.update(model)
    assert ema.model.weight.item() == pytest.approx(first + (1 - first) * (1 - 3 / 12))
    assert np.isclose(model.weight.item(), 1)


def test_plateau_against_pytorchs_rule():
    """The rate falls when PyTorch's does, and the run ends after ten looks without a gain."""
    random = np.random.default_rng(3)
    losses = [*np.exp(-np.arange(12) / 6), *random.uniform(0.2, 0.4, 40)]
    rule = Plateau(1e-4, 1e-6, 1e-4)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1e-4)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, min_lr=1e-6, patience=5, threshold=1e-4, factor=0.1)
    best = []
    for step, loss in enumerate(losses):
        optimizer.step()
        theirs.step(loss)
        if rule.look(loss):
            best.append(step)
        assert rule.rate == pytest.approx(optimizer.param_groups[0]["lr"])
    assert best == [i for i, loss in enumerate(losses) if loss < min([np.inf, *losses[:i]])]
    falling = Plateau(1e-4, 1e-6, 1e-4)
    looks = [1.0, 0.5, *[0.5] * 9]
    assert [falling.look(loss) and falling.is_over for loss in looks] == [False] * 11 and not falling.is_over
    falling.look(0.5)
    assert falling.is_over


def test_a_run_by_its_looks_ends_and_keeps_the_best(tmp_path):
    losses = iter([3.0, 1.0, *[2.0] * 20])
    plan = Plan(steps=100, batch=1, workers=0, look_every=1, plateau=1e-4, lr_floor=1e-6, warmup_steps=0)

    class Tiny(torch.nn.Conv2d):
        def __init__(self):
            super().__init__(3, 10, 1)

    crops = TwoCrops(64)
    run = Run(tmp_path, Tiny(), loss_on_labels, plan, CPU, lambda model: {"loss": next(losses)})
    run.train(crops)
    assert run.step == 12 and torch.load(tmp_path / "best.pt", weights_only=True)["step"] == 2
    again = Run(tmp_path, Tiny(), loss_on_labels, plan, CPU, lambda model: {"loss": 0.0})
    assert again.plateau == run.plateau and again.plateau.rate == pytest.approx(1e-5)
    again.train(crops)
    assert again.step == 12
