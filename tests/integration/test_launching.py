"""``engine train --nnodes 2``: two machines, which are two commands at a loopback address."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from packaging.version import Version

from engine_dist import free_port


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals for another process")
@pytest.mark.skipif(
    Version(torch.__version__) < Version("2.13"),
    reason="torch's older agents wait at their end for the other machine, and tell a traceback",
)
def test_a_signal_to_one_machine_ends_both_with_a_checkpoint(
    tmp_path: Path, library: Path, environment: dict[str, str]
) -> None:
    config = tmp_path / "config.py"
    config.write_text(f"_base_ = {str(library / 'tiny_config.py')!r}", encoding="utf-8")
    meeting = ("--nnodes", "2", "--rdzv-endpoint", f"127.0.0.1:{free_port()}")
    long = ("--cfg-options", "train_cfg.max_epochs=100000", "param_scheduler=None")
    command = ("train", "config.py", "--work-dir", "work", "--nproc", "1", *meeting, *long)
    machines = [
        subprocess.Popen(
            [sys.executable, "-m", "engine_runner", *command],
            cwd=tmp_path,
            env={**environment, "ENGINE_PROGRESS": "0"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    last = tmp_path / "work" / "last_checkpoint"
    deadline = time.monotonic() + 90
    while not last.exists() and time.monotonic() < deadline:
        assert all(machine.poll() is None for machine in machines)
        time.sleep(0.05)
    machines[1].send_signal(signal.SIGTERM)
    told = [machine.communicate(timeout=90)[1] for machine in machines]
    assert [machine.returncode for machine in machines] == [75, 75], told
    assert "Traceback" not in "".join(told)
    assert Path(last.read_text()).name.startswith("preempted_iter_")
