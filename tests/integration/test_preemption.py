"""``engine train`` that is asked to stop: it saves, and its exit code asks to be run again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from engine_checkpoint import read_file

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="Windows has no signals for another process"
)

LONG = ("--cfg-options", "train_cfg.max_epochs=100000", "param_scheduler=None")
HOOK = "custom_hooks = [dict(type='PreemptionHook', requeue=True)]"


@pytest.fixture
def start(tmp_path: Path, library: Path, environment: dict[str, str]) -> Any:
    """Starts ``engine train`` of the tiny training in ``tmp_path``."""

    def begin(*options: str, **variables: str) -> Any:
        config = tmp_path / "config.py"
        lines = [f"_base_ = {str(library / 'tiny_config.py')!r}", HOOK]
        config.write_text("\n".join(lines), encoding="utf-8")
        command = [sys.executable, "-m", "engine_runner", "train", str(config)]
        return subprocess.Popen(
            [*command, "--work-dir", str(tmp_path / "work"), *options],
            cwd=tmp_path,
            env={**environment, "ENGINE_PROGRESS": "0", **variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


def wait_for(file: Path, process: Any) -> None:
    deadline = time.monotonic() + 60
    while not file.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)


def test_two_processes_under_an_agent_that_is_ended_save_and_ask_to_be_run_again(
    start: Any, tmp_path: Path
) -> None:
    keep = "default_hooks.checkpoint.max_keep_ckpts=2"
    process = start("--nproc", "2", "--max-restarts", "3", *LONG, keep)
    last = tmp_path / "work" / "last_checkpoint"
    wait_for(last, process)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 75, told
    assert "stopped at iteration" in told and "Traceback" not in told
    saved = Path(last.read_text())
    assert saved.name.startswith("preempted_iter_")
    iteration = read_file(str(saved))["meta"]["iter"]
    assert saved.name == f"preempted_iter_{iteration}.pth"


def test_the_time_limit_of_a_job_saves_and_requeues_it(start: Any, tmp_path: Path) -> None:
    scontrol, asked = tmp_path / "scontrol", tmp_path / "asked"
    scontrol.write_text(f'#!/bin/sh\necho "$@" >> "{asked}"\n')
    scontrol.chmod(0o755)
    process = start(
        *("--time-limit", "23h50m", *LONG),
        SLURM_JOB_ID="417",
        SLURM_JOB_START_TIME="1700000000",
        PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
    )
    _, told = process.communicate(timeout=60)
    assert process.returncode == 75, told
    assert "stopped at iteration 1 of" in told
    assert asked.read_text() == "requeue 417\n"
    (saved,) = (tmp_path / "work").glob("preempted_iter_*.pth")
    assert f"stopped at iteration {saved.stem.rpartition('_')[2]} of" in told


def test_who_left_by_the_clock_is_not_started_again(start: Any, tmp_path: Path) -> None:
    process = start("--nproc", "2", "--max-restarts", "2", "--time-limit", "1s", *LONG)
    _, told = process.communicate(timeout=90)
    assert process.returncode == 75, told
    assert told.count("stopped at iteration") == 1
    (saved,) = (tmp_path / "work").glob("preempted_iter_*.pth")
    assert f"stopped at iteration {saved.stem.rpartition('_')[2]} of" in told


EARLY = """
import os
import signal
from pathlib import Path

from tiny import Samples, TinyNet

from engine_registry import DATASETS, MODELS


def wait_in(stage):
    if os.environ["STAGE"] == stage:
        Path("reached").touch()
        signal.pause()


wait_in("config")


@MODELS.register_module()
class EarlyNet(TinyNet):
    def __init__(self):
        wait_in("model")
        super().__init__()

    def init_weights(self):
        wait_in("weights")
        super().init_weights()


@DATASETS.register_module()
class EarlySamples(Samples):
    def __init__(self, **kwargs):
        wait_in("data")
        super().__init__(**kwargs)
"""
EARLY_CONFIG = """
_base_ = {base!r}
custom_imports = dict(imports=["tiny", "early"])
model = dict(type="EarlyNet")
train_dataloader = dict(dataset=dict(type="EarlySamples"))
"""


def test_a_sigterm_before_there_is_anything_to_save_asks_to_be_run_again(
    tmp_path: Path, library: Path, environment: dict[str, str]
) -> None:
    processes = {}
    for stage in ("config", "model", "data", "weights"):
        folder = tmp_path / stage
        folder.mkdir()
        (folder / "early.py").write_text(EARLY)
        base = str(library / "tiny_config.py")
        (folder / "config.py").write_text(EARLY_CONFIG.format(base=base))
        processes[stage] = subprocess.Popen(
            [sys.executable, "-m", "engine_runner", "train", "config.py", "--work-dir", "work"],
            cwd=folder,
            env={**environment, "ENGINE_PROGRESS": "0", "STAGE": stage},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    for stage, process in processes.items():
        wait_for(tmp_path / stage / "reached", process)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 75, f"{stage}: {told}"
        assert "Traceback" not in told
        assert not list((tmp_path / stage).glob("work/*.pth"))
