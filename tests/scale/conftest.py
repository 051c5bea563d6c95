"""Strategies in groups of processes; collected by `hatch run scale:test` alone, for minutes.

Foreign engines are in that environment. There nothing is left out: one that is missing fails.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

collect_ignore_glob = [] if "ENGINE_SCALE" in os.environ else ["test_*.py"]

sys.path.insert(0, str(HERE / "library"))


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that a test starts import from the library too, with one thread each."""
    paths = [str(HERE / "library"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
