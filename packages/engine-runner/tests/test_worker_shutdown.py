"""No process is left, however a program with data workers ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "library/ending.py"
ENDS = [  # each loop, and each way
    ("train", "normal"),
    ("train", "interrupt"),
    ("val", "sys.exit"),
    ("val", "exception"),
    ("test", "normal"),
    ("test", "interrupt"),
]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def run(what: str, way: str, start_method: str, folder: Path) -> tuple[int, set[int]]:
    """How a program ended, and the processes that read data for it."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", PROGRAM, what, way, start_method, folder],
        capture_output=True,
        text=True,
        timeout=300,
    )
    workers = {int(each.stem) for each in folder.glob("*.worker")}
    assert workers, done.stderr
    return done.returncode, workers


@pytest.mark.parametrize(("what", "way"), ENDS)
def test_workers_that_persist_end_with_the_program(what: str, way: str, tmp_path: Path) -> None:
    code, workers = run(what, way, "fork", tmp_path)
    assert (code != 0) == (way in ("exception", "interrupt"))
    assert not [worker for worker in workers if is_running(worker)]


def test_they_do_where_they_are_spawned(tmp_path: Path) -> None:
    code, workers = run("test", "normal", "spawn", tmp_path)
    assert code == 0 and not [worker for worker in workers if is_running(worker)]


@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_they_do_where_a_loader_was_made_by_hand(start_method: str, tmp_path: Path) -> None:
    code, workers = run("by_hand", "normal", start_method, tmp_path)
    assert code == 0 and not [worker for worker in workers if is_running(worker)]
