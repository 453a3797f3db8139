"""The paper's recipe, its commands run as they are printed, on made-up folds and in tiny settings."""

import json
import shlex

import numpy as np
import torch
from hoverslide_distill.cli import main
from hoverslide_distill.models.unet import Student
from synthetic import make_field


def write_fold(root, fold: int, tiles: int) -> None:
    """As PanNuke's authors publish a fold; the last tile has no nuclei."""
    images, masks = np.zeros((tiles, 256, 256, 3)), np.zeros((tiles, 256, 256, 6))
    for i in range(tiles):
        image, instances, types = make_field(256, 10 * fold + i, 30 if i < tiles - 1 else 0)
        images[i] = image
        for kind in range(1, 6):
            masks[i, ..., kind - 1] = np.where(types == kind, instances, 0)
    for kind, array in (("images", images), ("masks", masks)):
        folder = root / f"Fold{fold}" / kind / f"fold{fold}"
        folder.mkdir(parents=True)
        np.save(folder / f"{kind}.npy", array)


def test_the_papers_recipe_runs_from_teacher_to_tables(tmp_path, capsys, threads):
    for fold in (1, 2, 3):
        write_fold(tmp_path / "pannuke", fold, tiles=2)
    # A U-Net in place of hover_net's checkpoint, which takes a minute a tile here: `import` takes both.
    teacher, work = tmp_path / "teacher.pth", tmp_path / "work"
    torch.save({"state_dict": Student("b0").state_dict()}, teacher)
    paths = ["--pannuke", tmp_path / "pannuke", "--teacher", teacher, "--work", work]
    tiny = ["--encoder", "b0", "--steps", "1", "--batch", "1", "--workers", "0", "--device", "cpu"]
    assert main(["recipe", "paper", *map(str, paths), *tiny]) == 0
    commands = [shlex.split(line) for line in capsys.readouterr().out.splitlines()]
    steps = [name for _, name, *_ in commands]
    assert steps == ["prepare"] * 3 + ["import"] + ["soften"] * 3 + ["student", "measure"] * 3
    # For the sake of time, of the three splits the first: the others differ by their folds alone.
    later = ("split2", "split3", "soften --store " + str(work / "fold2"), "soften --store " + str(work / "fold3"))
    for program, *arguments in commands:
        if not any(part in " ".join(arguments) for part in later):
            assert program == "hoverslide_distill" and main(arguments) == 0, arguments
    scores = json.loads((work / "split1.json").read_text())
    assert set(scores) == {str(work / "split1/best.pt"), str(work / "teacher.pt")}
    assert {"dice", "PQ", "mPQ", "F_d"} <= scores[str(work / "teacher.pt")]["reference"]["pannuke"].keys()


def test_the_papers_settings(capsys):
    assert main(["recipe", "paper", "--pannuke", "P", "--teacher", "T.tar", "--work", "W"]) == 0
    lines = capsys.readouterr().out.splitlines()
    students = [line for line in lines if " student " in line]
    folds = [(line.split("fold")[1][0], line.split("fold")[2][0]) for line in students]
    tests = [line.split("fold")[1][0] for line in lines if " measure " in line]
    assert [(*pair, test) for pair, test in zip(folds, tests, strict=True)] == [*map(tuple, ("123", "213", "321"))]
    expected = "--alpha 0.5 --temperature 1 --batch 64 --steps 9600 --lr 1e-4 --betas 0.99 0.9999 --weight-decay 0"
    assert all(expected in line and "--encoder b2" in line for line in students)
