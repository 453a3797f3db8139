"""The table of a slide's nuclei."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas
    import pandas


def read_nuclei(folder: str | os.PathLike[str]) -> geopandas.GeoDataFrame | pandas.DataFrame:
    """Read the nuclei of one slide, a row each; the README says what the columns are.

    Args:
        folder: the slide's folder of results, OUT/<slide>.

    Returns:
        A GeoDataFrame whose geometry is `outline`, in level-0 pixels, where geopandas is installed; else a pandas
        DataFrame with outlines as well-known binary (bytes).

    Raises:
        FileNotFoundError: if the folder has no nuclei.parquet.
        ImportError: if neither geopandas nor pandas is installed, or pyarrow is missing.
    """
    table = Path(folder, "nuclei.parquet")
    if not table.is_file():
        raise FileNotFoundError(f"{table}: expected the table of one slide, found no such file")
    missing = [name for name in ("pandas", "pyarrow") if importlib.util.find_spec(name) is None]
    if missing:
        found = " and no ".join(missing)
        raise ImportError(f"read_nuclei: expected pandas and pyarrow, found no {found}: pip install geopandas pyarrow")
    if importlib.util.find_spec("geopandas") is not None:
        import geopandas

        return geopandas.read_parquet(table)
    import pandas

    return pandas.read_parquet(table)
