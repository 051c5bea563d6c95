"""Whole sweeps: what they leave, that they go on after SIGKILL, and that a result counts once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import optuna
import pytest
import torch

from engine_checkpoint import CheckpointLoader
from engine_config import Config
from engine_sweep import Sweep, SweepSettings

KILLED_S = 150.0


def finished(folder: Path) -> dict[float, float]:
    """What was tried and what it came to, of the study in a folder; each counts once."""
    work_dir = folder / "work_dirs/slopes_config_sweep"
    study = optuna.load_study(study_name="sweep", storage=f"sqlite:///{work_dir / 'sweep.db'}")
    done = [each for each in study.trials if each.state.name == "COMPLETE"]
    found = {each.params["optim_wrapper.optimizer.lr"]: each.value for each in done}
    assert len(found) == len(done)
    return {lr: value for lr, value in found.items() if value is not None}


def test_a_sweep_tells_its_trials_and_leaves_their_folders(swept: tuple[Path, str]) -> None:
    folder, said = swept
    work_dir = folder / "work_dirs/slopes_config_sweep"
    values = finished(folder)
    assert len(values) == 3
    best = min(values.values())
    table = said[said.index("trial             line/error") :].splitlines()
    assert f"{best:.6g}" in table[1]
    for number in range(3):
        assert (work_dir / f"trial_{number:04d}" / "epoch_4.pth").is_file()
    assert (work_dir / "trials.html").is_file()


def test_the_best_config_repeats_its_trial_to_the_bit(swept: tuple[Path, str]) -> None:
    folder, said = swept
    work_dir = folder / "work_dirs/slopes_config_sweep"
    best = said[said.index("trial             line/error") :].splitlines()[1].split()[0]
    command = [sys.executable, "-m", "engine_runner", "train", str(work_dir / "best.py")]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    ours, again = (
        CheckpointLoader.load_checkpoint(str(path / "epoch_4.pth"))["state_dict"]
        for path in (work_dir / best, folder / "work_dirs/best")
    )
    assert all(torch.equal(ours[name], again[name]) for name in ours)
    text = (work_dir / "best.py").read_text(encoding="utf-8")
    assert text.startswith("_base_ = '../../slopes_config.py'")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and /proc are POSIX'")
def test_killed_workers_and_trainings_change_nothing(
    swept: tuple[Path, str], folder: Path, start: Any
) -> None:
    """SIGKILL at random, of the worker or of all that it started, until the sweep is done."""
    chance = random.Random(3)
    options = ("--heartbeat", "1", "--cfg-options", "model.pause_s=0.15")
    until = time.monotonic() + KILLED_S
    kills = 0
    while time.monotonic() < until:
        process = start(folder, *options)
        try:
            said, _ = process.communicate(timeout=chance.uniform(6, 14) if kills < 3 else KILLED_S)
        except subprocess.TimeoutExpired:
            kills += 1
            trainings = children_of(process.pid)
            process.send_signal(signal.SIGKILL)
            for pid in trainings if kills != 2 else []:  # once, a training lives on
                os.kill(pid, signal.SIGKILL)
            process.communicate()
            continue
        assert process.returncode == 0, said
        break
    assert kills
    assert finished(folder) == finished(swept[0])


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(each) for each in found.stdout.split()]


def sweep_of(folder: Path, space: dict[str, str], **options: Any) -> Sweep:
    cfg = Config.fromfile(folder / "slopes_config.py")
    del cfg.sweep.space
    settings = SweepSettings.of(cfg, space, **options)
    return Sweep(cfg, folder / "slopes_config.py", settings, work_dir=folder / "sweep")


def test_a_pruned_trial_ends_early_and_a_failed_one_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Width 0 fails, and whoever is worse than 0.01 is pruned."""
    monkeypatch.syspath_prepend(str(folder))
    pruner = {"type": "ThresholdPruner", "upper": 0.01, "n_warmup_steps": 2}
    sampler = {"type": "GridSampler", "search_space": {"model.width": [0, 3]}, "seed": 0}
    sweep = sweep_of(
        folder, {"model.width": "choice(0, 3)"}, trials=2, pruner=pruner, sampler=sampler
    )
    by_width = {each.params["model.width"]: each for each in sweep.run(jobs=2)}
    assert by_width[0].state.name == "FAIL" and "no width" in by_width[0].user_attrs["error"]
    assert by_width[3].state.name == "PRUNED" and [*by_width[3].intermediate_values] == [1, 2]
    assert not [*sweep.folder(by_width[3]).glob("*.pth")]
    assert sweep.write_best() is None
