from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

SHARED = Path(__file__).resolve().parents[4] / "shared"


@pytest.fixture(autouse=True)
def one_thread():
    """The nets here are small: more threads would only wait for each other where the machine is shared."""
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture
def threads(monkeypatch):
    """Threads in place of processes, whose start takes longer than what they are given here."""
    for step in ("measure", "calibrate"):
        monkeypatch.setattr(f"hoverslide_distill.steps.{step}.process_pool", lambda: ThreadPoolExecutor(1))


@pytest.fixture
def shared() -> Path:
    """The folder of data sets, golden results and the starting net beside the repository."""
    if not SHARED.exists():
        pytest.skip(f"needs {SHARED}")
    return SHARED
