"""`engine` as people type it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine_checkpoint import read_file
from engine_logging import MMLogger
from engine_logging.relaying import undo_setup
from engine_runner.cli import main
from engine_visual import Visualizer

Inside = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path, library: Path) -> Path:
    """A folder with a config and the module beside it."""
    for path in library.glob("tiny*.py"):
        shutil.copy(path, tmp_path)
    return tmp_path


def engine(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command there, in a process of its own."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "ENGINE_PROGRESS": "0"}
    command = [sys.executable, "-m", "engine_runner", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)


@pytest.fixture
def inside(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Runs the command there, in this process, which takes no second to start."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ENGINE_PROGRESS", "0")
    monkeypatch.setattr(sys, "path", [*sys.path])

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        done = CliRunner().invoke(main, arguments, prog_name="engine")
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)

    yield run
    undo_setup()
    for logger in MMLogger._instance_dict.values():
        logger.close()
    for visualizer in Visualizer._instance_dict.values():
        visualizer.close()


def test_help_says_what_can_be_done(inside: Inside) -> None:
    assert "train" in inside("--help").stdout
    text = inside("train", "--help").stdout
    for option in ("--work-dir", "--resume", "--amp", "--launcher", "--cfg-options"):
        assert option in text


def test_a_config_trains_and_says_where_everything_is(folder: Path) -> None:
    options = ("--cfg-options", "train_cfg.max_epochs=1", "model.width=3", "log_level=INFO")
    done = engine(folder, "train", "tiny_config.py", "--work-dir", "out", *options)
    assert done.returncode == 0, done.stderr
    assert "Epoch(val)" in done.stdout
    for name in ("checkpoint", "curves", "report"):
        (line,) = [line for line in done.stdout.splitlines() if line.startswith(f"{name}:")]
        assert Path(line.split(maxsplit=1)[1]).is_file()
    assert read_file(folder / "out/epoch_1.pth")["state_dict"]["first.weight"].shape == (3, 3)


def test_resume_goes_on_from_the_newest_or_from_a_path(inside: Inside) -> None:
    config = ("train", "tiny_config.py", "--work-dir", "out")
    inside(*config)
    more = ("--cfg-options", "train_cfg.max_epochs=3", "log_level=INFO")
    done = inside(*config, "--resume", *more)
    assert done.returncode == 0 and "resumed epoch: 2, iter: 12" in done.stdout, done.stderr
    done = inside(*config, "--resume", "out/epoch_1.pth", *more)
    assert done.returncode == 0 and "resumed epoch: 1, iter: 6" in done.stdout, done.stderr


def test_amp_computes_in_half_precision(inside: Inside, folder: Path) -> None:
    done = inside("train", "tiny_config.py", "--amp")
    assert done.returncode == 0, done.stderr
    assert "AmpOptimWrapper" in (folder / "work/tiny_config.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("tiny_config.py", "--cfg-options", "model.type=TinyNett"), 1, "close names: 'TinyNet'"),
        (
            ("tiny_config.py", "--cfg-options", "train_cfg.max_epoch=1"),
            1,
            "did you mean max_epochs",
        ),
        (("tiny_config.py", "--cfg-options", "oops"), 2, "'oops' is no KEY=VALUE"),
        (("nowhere.py",), 2, "nowhere.py"),
        (("tiny_config.py", "--resume", "nowhere.pth"), 1, "nowhere.pth"),
    ],
)
def test_a_mistake_is_told_in_plain_words(
    inside: Inside, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = inside("train", *arguments)
    assert done.returncode == code
    assert message in done.stderr and "Traceback" not in done.stderr


def test_traceback_shows_where_it_was(folder: Path) -> None:
    options = ("--cfg-options", "model.type=TinyNett")
    done = engine(folder, "train", "tiny_config.py", "--traceback", *options)
    assert done.returncode == 1 and "Traceback" in done.stderr


def test_a_dry_run_reports_and_leaves_nothing(inside: Inside, folder: Path) -> None:
    done = inside("train", "tiny_config.py", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "batch.x: (4, 3) float32" in done.stdout
    assert "nothing is wrong" in done.stdout
    assert not [*folder.rglob("*.pth")]
    options = ("--cfg-options", "train_dataloader.dataset.bad=1", "train_dataloader.batch_size=24")
    done = inside("train", "tiny_config.py", "--dry-run", *options)
    assert done.returncode == 1
    assert "problem: train: OSError: broken picture" in done.stdout


def test_two_processes_train_one_model(folder: Path) -> None:
    done = engine(folder, "train", "tiny_config.py", "--nproc", "2")
    assert done.returncode == 0, done.stderr
    assert "checkpoint:" in done.stdout
    assert read_file(folder / "work/epoch_2.pth")["meta"]["iter"] == 6  # of 3 batches each
    bad = engine(folder, "train", "tiny_config.py", "--nproc=2", "--cfg-options", "model.type=X")
    assert bad.returncode == 1
    assert "error: no model is registered as 'X'" in bad.stderr
    assert "error on rank 1: no model" in bad.stderr
    assert "Traceback" not in bad.stderr


def test_a_checkpoint_is_tested_published_and_drawn(inside: Inside, folder: Path) -> None:
    inside("train", "tiny_config.py")
    done = inside("test", "tiny_config.py", "work/epoch_2.pth", "--out", "found.pkl")
    assert done.returncode == 0, done.stderr
    assert "count  6" in done.stdout
    assert (folder / "found.pkl").is_file()
    done = inside("test", "tiny_config.py", "work/epoch_9.pth")
    assert done.returncode == 1 and "epoch_2.pth" in done.stderr
    without = ("--cfg-options", "test_cfg=None", "test_dataloader=None", "test_evaluator=None")
    done = inside("test", "tiny_config.py", "work/epoch_2.pth", *without)
    assert done.returncode == 1 and "has no test_dataloader" in done.stderr

    done = inside("publish", "work/epoch_2.pth")
    published = read_file(folder / done.stdout.strip())
    assert set(published) == {"meta", "state_dict"}
    done = inside("publish", "work/epoch_2.pth", "--format", "safetensors")
    assert done.stdout.strip().endswith(".safetensors"), done.stderr
    assert (folder / done.stdout.strip()).is_file()
    done = inside("publish", "work/epoch_2.pth", "--keep", "none")
    assert done.returncode == 1 and "has none of" in done.stderr

    done = inside("plot", "work", "--key", "loss", "--report")
    assert done.returncode == 0, done.stderr
    assert all((folder / line).is_file() for line in done.stdout.split())
    done = inside("plot", "work", "work", "--out", "two.png")
    assert (folder / "two.png").is_file()
    done = inside("plot", "work", "--key", "los")
    assert done.returncode == 1 and "no scalar 'los'" in done.stderr


def test_a_config_is_shown_explained_and_compared(inside: Inside, folder: Path) -> None:
    config = ("tiny_config.py", "--cfg-options", "model.width=7")
    shown = inside("config", "show", *config).stdout
    assert "model = dict(type='TinyNet', width=7)" in shown
    rate = "optim_wrapper.optimizer.lr"
    done = inside("config", "explain", "tiny_config.py", rate)
    assert f"{rate} = 0.05\n  from tiny_config.py:" in done.stdout
    done = inside("config", "explain", "tiny_config.py", rate, "--cfg-options", f"{rate}=1")
    assert f"{rate} = 1\n  from override" in done.stdout
    assert "replaces tiny_config.py:" in done.stdout
    done = inside("config", "explain", "tiny_config.py", "optim_wrapper.optimiser")
    assert done.returncode == 1 and "there is optimizer" in done.stderr
    text = (folder / "tiny_config.py").read_text("utf-8")
    (folder / "other.py").write_text(text.replace("max_epochs=2", "max_epochs=3"), "utf-8")
    done = inside("config", "diff", "tiny_config.py", "other.py")
    assert done.returncode == 1
    assert "train_cfg.max_epochs: 2 -> 3  (other.py:" in done.stdout
    assert inside("config", "diff", "tiny_config.py", "tiny_config.py").returncode == 0


def test_every_problem_of_a_config_is_found_at_once(inside: Inside) -> None:
    check = ("config", "check", "tiny_config.py", "--trust")
    assert inside(*check).returncode == 0
    bad = (
        *("model.widht=3", "randomness.sed=1", "luncher=none", "val_dataloader=None"),
        *("train_cfg.max_epoch=3", "default_hooks.logger.priority=HIHG"),
    )
    done = inside(*check, "--cfg-options", *bad)
    assert done.returncode == 1
    for message in (
        "did you mean 'width'?",
        "did you mean 'seed'?",
        "did you mean 'launcher'?",
        "val_cfg (tiny_config.py:",
        "did you mean 'max_epochs'",
        "no priority is called 'HIHG'; HIGH would be",
    ):
        assert message in done.stdout, done.stdout
    assert "6 problems" in done.stderr


def test_a_training_that_cant_begin_names_the_place_and_what_may_be_meant(inside: Inside) -> None:
    bad = ("optim_wrapper.optimizer.mometum=0.5", "model.widht=3")
    done = inside("train", "tiny_config.py", "--cfg-options", *bad)
    assert done.returncode == 1
    for override in bad:
        assert f"(override {override})" in done.stderr, done.stderr
    assert "did you mean 'momentum'?" in done.stderr and "did you mean 'width'?" in done.stderr
    done = inside("train", "tiny_config.py", "--cfg-options", "val_dataloader.dataset.type=Smples")
    assert "custom_imports: ['tiny'] (tiny_config.py:3:" in done.stderr, done.stderr
    shorter = ("train_cfg._delete_=True", "train_cfg.by_epoch=True")
    done = inside("train", "tiny_config.py", "--cfg-options", *shorter)
    assert "EpochBasedTrainLoop needs the argument 'max_epochs'" in done.stderr, done.stderr


def test_a_config_that_isnt_there_is_told_with_the_near_one(inside: Inside, folder: Path) -> None:
    assert "Did you mean tiny_confg.py" not in inside("train", "x.py").stderr
    assert "Did you mean tiny_config.py?" in inside("train", "tiny_confg.py").stderr
    assert f"There is no folder {folder / 'missing'}." in inside("train", "missing/x.py").stderr
    assert "is a directory. It holds" in inside("train", ".").stderr


def test_another_training_in_the_folder_and_nothing_left_are_told(inside: Inside) -> None:
    assert "another training" not in inside("train", "tiny_config.py").stdout
    again = inside("train", "tiny_config.py")
    assert "another training has left" in again.stdout + again.stderr
    resumed = inside("train", "tiny_config.py", "--resume", "--cfg-options", "log_level=INFO")
    said = resumed.stdout + resumed.stderr
    assert "nothing is left to train: epoch 2 is done" in said
    assert "another training" not in said


def test_the_environment_is_told(inside: Inside) -> None:
    found = json.loads(inside("env", "--json").stdout)
    assert found["engine-runner"]
    assert "PyTorch" in inside("env").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(inside: Inside, shell: str) -> None:
    assert "_ENGINE_COMPLETE" in inside("completion", shell).stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize(
    ("asked", "code", "saves_at_each_iteration"),
    [("SIGINT", 130, False), ("SIGINT", 130, True), ("SIGTERM", 75, False), ("SIGUSR1", 75, True)],
)
def test_a_signal_to_all_its_processes_ends_it_cleanly(
    folder: Path, asked: str, code: int, saves_at_each_iteration: bool
) -> None:
    seen = folder / "seen"
    seen.mkdir()
    options = [
        *("train_cfg.max_epochs=100000", "param_scheduler=None", "default_hooks.logger.interval=6"),
        *("train_dataloader.num_workers=2", "train_dataloader.dataset.type=Workers"),
        *(f"train_dataloader.dataset.folder={seen}", "default_hooks.checkpoint.max_keep_ckpts=2"),
    ]
    if saves_at_each_iteration:
        options += [
            "default_hooks.checkpoint.by_epoch=false",
            "default_hooks.checkpoint.interval=1",
        ]
    command = [sys.executable, "-m", "engine_runner", "train", "tiny_config.py", "--cfg-options"]
    process: Any = subprocess.Popen(
        [*command, *options],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "ENGINE_PROGRESS": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    last = folder / "work/last_checkpoint"
    deadline = time.monotonic() + 60
    while not last.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    os.killpg(process.pid, getattr(signal, asked))
    _, told = process.communicate(timeout=60)
    assert process.returncode == code, told
    assert "stopped at iteration" in told and "--resume" in told and "Traceback" not in told
    assert Path(last.read_text()).name.startswith("preempted_iter_")
    found = read_file(last.read_text())
    assert all(value.isfinite().all() for value in found["state_dict"].values())
    assert f"stopped at iteration {found['meta']['iter']} of" in told
    assert not [*folder.rglob("*.part")]
    workers = {int(path.name) for path in seen.iterdir()} - {*range(24)}  # the rest are samples
    assert len(workers) >= 2
    if sys.platform == "linux":
        assert not [worker for worker in workers if Path("/proc", str(worker)).exists()]
