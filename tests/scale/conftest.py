"""Strategies in groups of processes; collected by `hatch run scale:test` alone, for minutes.

Foreign engines are in that environment. There nothing is left out: one that is missing fails.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from multiprocessing import forkserver
from pathlib import Path

import pytest
import torch

HERE = Path(__file__).parent

collect_ignore_glob = [] if "ENGINE_SCALE" in os.environ else ["test_*.py"]

sys.path.insert(0, str(HERE / "library"))


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that a test starts import from the library too, with one thread each."""
    paths = [str(HERE / "library"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def _imported_once() -> None:
    """Groups of processes are forks of one that has imported what takes long."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE / "library"), prepend=os.pathsep)
        patch.setenv("OMP_NUM_THREADS", "1")
        modules = ["engine_dist.agent", "contract", "many_ranks", "torch._dynamo"]
        multiprocessing.set_forkserver_preload(modules)
        forkserver.ensure_running()


@pytest.fixture(scope="session", autouse=True)
def _engines_compiled() -> None:
    """DeepSpeed compiles on a CPU what its processes exchange data by: here, once, before them.

    A build that was killed has left a lock, on which another one would wait for ever.
    """
    folder = Path(sys.prefix, "torch_extensions")
    for lock in folder.rglob("lock"):
        lock.unlink()
    os.environ.setdefault("TORCH_EXTENSIONS_DIR", str(folder))
    if torch.accelerator.is_available():
        return
    os.environ.setdefault("DS_ACCELERATOR", "cpu")
    program = "from deepspeed.ops.op_builder.cpu.comm import ShareMemCommBuilder as Builder"
    subprocess.run([sys.executable, "-c", f"{program}\nBuilder().load()"], check=True)
