"""A folder with a training that is quick, and what a sweep of it comes to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parent / "library"
Command = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def start() -> Command:
    """Start ``engine sweep`` in a folder."""

    def begin(folder: Path, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "engine_runner", "sweep", "slopes_config.py", *options]
        return subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return begin


def copied(folder: Path) -> Path:
    for path in LIBRARY.glob("*.py"):
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the config and the module that it needs."""
    return copied(tmp_path)


@pytest.fixture(scope="session")
def swept(tmp_path_factory: pytest.TempPathFactory, start: Command) -> tuple[Path, str]:
    """A folder in which a sweep of three trials ran through, and what it printed."""
    folder = copied(tmp_path_factory.mktemp("swept"))
    process = start(folder)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return folder, said
