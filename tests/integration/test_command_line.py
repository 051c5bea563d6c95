"""`engine` as people type it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from engine_runner.checkpoint import read_file


@pytest.fixture
def folder(tmp_path: Path, library: Path) -> Path:
    """A folder with a config and the module beside it."""
    for path in library.glob("tiny*.py"):
        shutil.copy(path, tmp_path)
    return tmp_path


def engine(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command there."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "ENGINE_PROGRESS": "0"}
    command = [sys.executable, "-m", "engine_runner", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)


def test_help_says_what_can_be_done(folder: Path) -> None:
    assert "train" in engine(folder, "--help").stdout
    text = engine(folder, "train", "--help").stdout
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


def test_resume_goes_on_from_the_newest_or_from_a_path(folder: Path) -> None:
    config = ("train", "tiny_config.py", "--work-dir", "out")
    engine(folder, *config)
    more = ("--cfg-options", "train_cfg.max_epochs=3", "log_level=INFO")
    done = engine(folder, *config, "--resume", *more)
    assert done.returncode == 0 and "resumed epoch: 2, iter: 12" in done.stdout, done.stderr
    done = engine(folder, *config, "--resume", "out/epoch_1.pth", *more)
    assert done.returncode == 0 and "resumed epoch: 1, iter: 6" in done.stdout, done.stderr


def test_amp_computes_in_half_precision(folder: Path) -> None:
    done = engine(folder, "train", "tiny_config.py", "--amp")
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
    folder: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = engine(folder, "train", *arguments)
    assert done.returncode == code
    assert message in done.stderr and "Traceback" not in done.stderr


def test_traceback_shows_where_it_was(folder: Path) -> None:
    options = ("--cfg-options", "model.type=TinyNett")
    done = engine(folder, "train", "tiny_config.py", "--traceback", *options)
    assert done.returncode == 1 and "Traceback" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize("saves_at_each_iteration", [False, True])
def test_ctrl_c_ends_it_cleanly(folder: Path, saves_at_each_iteration: bool) -> None:
    seen = folder / "seen"
    seen.mkdir()
    options = [
        *("train_cfg.max_epochs=100000", "param_scheduler=none", "default_hooks.logger.interval=6"),
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
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "stopped at iteration" in told and "--resume" in told and "Traceback" not in told
    found = read_file(last.read_text())
    assert all(value.isfinite().all() for value in found["state_dict"].values())
    assert not [*folder.rglob("*.part")]
    workers = {int(path.name) for path in seen.iterdir()} - {*range(24)}  # the rest are samples
    assert len(workers) >= 2
    if sys.platform == "linux":
        assert not [worker for worker in workers if Path("/proc", str(worker)).exists()]
