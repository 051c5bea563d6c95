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
from engine_sweep import SpaceError, Sweep, SweepSettings, distribution_of
from engine_sweep.page import value_before
from engine_sweep.storage import beating, fail_silent_trials, first_number, quietly
from engine_sweep.sweep import gpu_shares

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
    """SIGKILL at random, of the worker or of all that it started, until the sweep is done.

    Before that a scheduler asks once: the trainings save, and the worker is to be run again.
    """
    chance = random.Random(3)
    options = ("--heartbeat", "1", "--cfg-options", "model.pause_s=0.15")
    until = time.monotonic() + KILLED_S
    process = start(folder, *options)
    while not [*folder.glob("work_dirs/*/trial_0000/epoch_1.pth")]:
        time.sleep(0.1)
        assert process.poll() is None and time.monotonic() < until
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=KILLED_S)
    assert process.returncode == 75, said
    assert "stopped by SIGTERM; the same command goes on" in said
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
    cfg = Config.fromfile(folder / "slopes_config.py", import_custom_modules=False)
    del cfg.sweep.space
    settings = SweepSettings.of(cfg, space, **options)
    return Sweep(cfg, folder / "slopes_config.py", settings, work_dir=folder / "sweep")


def test_a_pruned_trial_ends_early_and_a_failed_one_is_told(folder: Path) -> None:
    """Width 0 fails, and whoever is worse than 0.01 is pruned."""
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


def test_a_study_takes_no_trials_of_another_sweep(folder: Path) -> None:
    key = "optim_wrapper.optimizer.lr"
    lr = {key: "loguniform(1e-3, 1.0)"}
    study = sweep_of(folder, lr).study
    study.add_trial(
        optuna.trial.create_trial(
            params={key: 0.1}, distributions={key: distribution_of(lr[key])}, value=1.0
        )
    )
    assert len(sweep_of(folder, {**lr, "model.width": "choice(1, 2)"}).results()) == 1
    with pytest.raises(SpaceError, match=rf"{key} of .*; take another --study"):
        sweep_of(folder, {key: "choice(1, 2)"})
    with pytest.raises(SpaceError, match="its direction is minimize, not maximize"):
        sweep_of(folder, lr, direction="maximize")
    with pytest.raises(SpaceError, match="its metric is line/error, not loss"):
        sweep_of(folder, lr, metric="loss", direction="minimize")


def test_a_trial_whose_worker_died_at_once_is_gone_on_with(folder: Path) -> None:
    """Between the trial's beginning and its first heartbeat."""
    study = sweep_of(folder, {"model.width": "choice(1, 2)"}).study
    with quietly():
        alive, _ = study.ask(), study.ask()
    with beating(study, alive._trial_id, 30):
        fail_silent_trials(study, 30)
        assert [each.state.name for each in study.trials] == ["RUNNING", "RUNNING"]
        fail_silent_trials(study, 0)
    assert [each.state.name for each in study.trials] == ["RUNNING", "FAIL", "WAITING"]
    assert first_number(study.trials[2]) == 1


def test_trials_at_a_time_have_gpus_of_their_own() -> None:
    assert gpu_shares(["0", "1", "2", "3"], 2, 2) == ["0,1", "2,3"]
    assert gpu_shares(["4", "6"], 3, 1) == ["4", "6", "4"]
    assert gpu_shares(["0", "1"], 1, 1) == gpu_shares(["0"], 1, 2) == [""]
    assert gpu_shares([], 2, 1) == ["", ""]


def test_the_page_shows_values_in_lists(folder: Path) -> None:
    cfg = Config.fromfile(folder / "slopes_config.py", import_custom_modules=False)
    assert value_before(cfg, "custom_imports.imports.0") == "slopes"
    assert value_before(cfg, "optim_wrapper.optimizer.lr") == 0.1
    assert value_before(cfg, "custom_imports.imports.7") is value_before(cfg, "model.width") is None
