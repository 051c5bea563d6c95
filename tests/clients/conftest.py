"""OpenMMLab's libraries, unchanged; collected by `hatch run clients:test` alone, for minutes.

Everything runs in processes of its own, as their users run it. There nothing is left out: a
library that is missing fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LIBRARY = HERE / "library"
TORCHVISION_ON_CPU = HERE.parent / "examples/cpu_torchvision"

collect_ignore_glob = [] if "ENGINE_CLIENTS" in os.environ else ["test_*.py"]

type Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Processes that a test starts import from the library, and write where nobody minds."""
    paths = [str(TORCHVISION_ON_CPU), str(LIBRARY), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run() -> Run:
    """Run a Python program with ``arguments``; one that fails fails the test with what it said."""

    def python(*arguments: str | Path, fails: bool = False) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        said = f"{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
        assert (done.returncode != 0) == fails, said
        return done

    return python


@pytest.fixture(scope="session")
def mim() -> Path:
    """Where the wheel of mmpretrain keeps its tools and configs."""
    spec = find_spec("mmpretrain")
    assert spec is not None and spec.origin is not None, "mmpretrain is not installed"
    return Path(spec.origin).parent / ".mim"


@pytest.fixture(scope="session")
def older_mmcv() -> Path:
    """A folder with mmcv-lite 2.1.0: mmdet and mmseg refuse 2.2.0 when they are imported."""
    folder = Path(sys.prefix, "mmcv-lite-2.1.0")
    if not (folder / "mmcv/version.py").is_file():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"]
        subprocess.run([*pip, "--target", str(folder), "mmcv-lite==2.1.0"], check=True)
    return folder
