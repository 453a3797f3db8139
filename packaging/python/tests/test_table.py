"""Reading a slide's table, with and without GeoPandas."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas
import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    geopandas = pytest.importorskip("geopandas")
    shapely = pytest.importorskip("shapely")
    table = geopandas.GeoDataFrame(
        {"class": ["inflammatory", "dead"]},
        geometry=[shapely.box(0, 0, 2, 3), shapely.box(5, 5, 6, 6)],
    ).rename_geometry("outline")
    table.to_parquet(tmp_path / "nuclei.parquet")
    return tmp_path


def absent(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name in names else find(name, *rest))


def test_geopandas_gives_polygons(hoverslide, folder: Path) -> None:
    nuclei = hoverslide.read_nuclei(folder)
    assert list(nuclei.geometry.area) == [6, 1]


def test_without_geopandas_outlines_are_bytes(hoverslide, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absent(monkeypatch, "geopandas")
    nuclei = hoverslide.read_nuclei(str(folder))
    assert type(nuclei) is pandas.DataFrame
    assert list(nuclei["class"]) == ["inflammatory", "dead"]
    assert all(isinstance(outline, bytes) for outline in nuclei["outline"])


def test_without_pandas_one_line_says_what_to_install(
    hoverslide, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent(monkeypatch, "pandas", "pyarrow")
    with pytest.raises(ImportError, match="found no pandas and no pyarrow: pip install geopandas pyarrow$"):
        hoverslide.read_nuclei(folder)
    assert sys.modules["hoverslide"] is hoverslide


def test_a_folder_without_table_is_named(hoverslide, tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"nuclei\.parquet: expected the table of one slide, found no such file$"
    ):
        hoverslide.read_nuclei(tmp_path)
