"""Jobs beside the training: one at a time, and none is lost."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from engine_checkpoint import Background


def test_a_second_job_waits_for_the_first() -> None:
    background, gate, seen = Background(), threading.Event(), []

    def first() -> None:
        gate.wait(10)
        seen.append("first")

    background.start(first)
    assert background.is_busy
    threading.Timer(0.05, gate.set).start()
    background.start(lambda: seen.append("second"))
    assert background.wait() is None
    assert seen == ["first", "second"]
    assert not background.is_busy


def test_what_a_job_fails_with_is_told_once() -> None:
    background = Background()

    def fail() -> None:
        raise OSError("full")

    background.start(fail)
    assert str(background.wait()) == "full"
    assert background.wait() is None


def test_a_process_does_not_end_before_its_job(tmp_path: Path) -> None:
    program = """
import sys, threading
import torch
from engine_checkpoint import Background, save_checkpoint
background = Background()
def job():
    threading.main_thread().join()  # the process is ending
    save_checkpoint({"w": torch.ones(2_000_000)}, sys.argv[1])
background.start(job)
"""
    file = tmp_path / "epoch_1.pth"
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr
    assert file.stat().st_size > 8_000_000
