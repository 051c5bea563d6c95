"""Classes of other packages in a checkpoint: read where an installed package registers them."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

MODULE = """
class Box:
    def __init__(self, width):
        self.width = width

def read(made):
    found = Box.__new__(Box)
    found.__dict__.update(made.state)
    return found

def write(box, keep):
    return Box(keep(box.width, ".width"))

KINDS = ({"names": ("mine.Box",), "read": read, "types": (Box,), "write": write},)
"""
PROGRAM = """
import sys
import torch
import mine
from engine_checkpoint import read_file
torch.save({"box": mine.Box(3)}, sys.argv[1])
print(read_file(sys.argv[1])["box"].width)
"""


def run(folder: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "a.pth")],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A distribution with a class of its own, which says nothing of checkpoints yet."""
    folder = tmp_path / "site"
    (folder / "mine-1.0.dist-info").mkdir(parents=True)
    (folder / "mine-1.0.dist-info" / "METADATA").write_text("Name: mine\nVersion: 1.0\n")
    (folder / "mine.py").write_text(MODULE)
    return folder


def test_a_class_is_read_if_its_package_registers_it(package: Path, tmp_path: Path) -> None:
    done = run(package, tmp_path)
    assert done.returncode == 1 and "mine.Box" in done.stderr
    told = "[engine.checkpoint.kinds]\nmine = mine:KINDS\n"
    (package / "mine-1.0.dist-info" / "entry_points.txt").write_text(told)
    done = run(package, tmp_path)
    assert (done.returncode, done.stdout) == (0, "3\n"), done.stderr


def test_a_package_that_registers_may_import_what_reads_checkpoints(
    package: Path, tmp_path: Path
) -> None:
    told = "[engine.checkpoint.kinds]\nmine = mine:KINDS\n"
    (package / "mine-1.0.dist-info" / "entry_points.txt").write_text(told)
    (package / "mine.py").write_text("from engine_checkpoint import read_file\n" + MODULE)
    done = run(package, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")


def test_a_registration_that_fails_costs_no_other(package: Path, tmp_path: Path) -> None:
    told = "[engine.checkpoint.kinds]\nbad = mine:NOTHING\nmine = mine:KINDS\n"
    (package / "mine-1.0.dist-info" / "entry_points.txt").write_text(told)
    done = run(package, tmp_path)
    assert (done.returncode, done.stdout) == (0, "3\n"), done.stderr
    assert "without the kinds of bad" in done.stderr


def test_our_own_packages_register_theirs() -> None:
    found = {entry.name for entry in entry_points(group="engine.checkpoint.kinds")}
    assert {"engine-config", "engine-logging", "engine-structures"} <= found
