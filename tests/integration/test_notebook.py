"""A notebook's kernel leaves no process, whatever read data in its cells."""

from __future__ import annotations

from pathlib import Path

import psutil
from jupyter_client.manager import start_new_kernel

PROGRAM = Path(__file__).parents[2] / "packages/engine-runner/tests/library/ending.py"
# a loop and how its workers start, or a loader that the notebook holds until its end
CELLS = (("train", "fork"), ("test", "spawn"), ("by_hand", "fork"))


def is_running(process_id: int) -> bool:
    """Whether it does anything: one that has ended may wait to be collected."""
    try:
        return bool(psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def running(folder: Path) -> int:
    """How many of the data workers that left files in ``folder`` still run."""
    workers = [int(each.stem) for each in folder.glob("*.worker")]
    assert workers
    return sum(map(is_running, workers))


def test_workers_that_persist_end_with_the_loop_or_the_kernel(tmp_path: Path) -> None:
    left = {}
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    try:
        client.execute(f"import sys; sys.path.insert(0, {str(PROGRAM.parent)!r}); import ending")
        for what, start_method in CELLS:
            folder = tmp_path / what
            folder.mkdir()
            cell = f"ending.main({what!r}, 'normal', {start_method!r}, {str(folder)!r})"
            reply = client.execute_interactive(cell, timeout=300)
            assert reply["content"]["status"] == "ok", reply["content"]
            left[what] = running(folder)
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    assert left == {"train": 0, "test": 0, "by_hand": 2}
    assert not any(running(tmp_path / what) for what, _ in CELLS)
