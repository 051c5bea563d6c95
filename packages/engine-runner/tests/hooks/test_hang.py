"""A training that stands still ends, and tells where; one that goes on is left alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine_runner.hooks import HangHook

SCRIPT = Path(__file__).parents[1] / "library" / "hanging.py"
KINDS = ["data", "worker", "hook", "slow", *([] if os.name == "nt" else ["lock"])]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the trainings of ``hanging.py`` have been, all at once."""
    found = tmp_path_factory.mktemp("hang")
    # Whoever has the pipe is waited for: a data worker that is left would be noticed.
    subprocess.run(
        [sys.executable, str(SCRIPT), str(found), *KINDS],
        env={**os.environ, "OMP_NUM_THREADS": "1", "ENGINE_PROGRESS": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=True,
    )
    return found


def code_of(folder: Path, kind: str) -> int:
    codes = json.loads((folder / "codes.json").read_text(encoding="utf-8"))
    return int(codes[kind])


def told(work_dir: Path, name: str) -> str:
    (found,) = work_dir.glob(f"*/{name}")
    return found.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "comment", "where"),
    [("data", "# the sixth point", "__getitem__"), ("hook", "# the hook", "after_train_iter")],
)
def test_a_training_that_stands_still_tells_the_line_and_ends(
    folder: Path, kind: str, comment: str, where: str
) -> None:
    assert code_of(folder, kind) == 124
    source = SCRIPT.read_text(encoding="utf-8").split("\n")
    (line,) = [number for number, text in enumerate(source, 1) if comment in text]
    stacks = told(folder / kind, "hang/rank_0.txt")
    assert f'hanging.py", line {line} in {where}' in stacks
    assert stacks.startswith("rank 0 of 1, ")
    assert "train, iteration 2, has stood still for" in stacks
    assert "last collective: none" in stacks
    assert told(folder / kind, "hang/README.txt").startswith("rank 0 hangs: train, iteration 2, ")
    log = told(folder / kind, "*.log")
    assert "- rank 0 hangs: train, iteration 2, " in log and "- ERROR -" in log
    assert "exit code 124" in log


def test_a_data_worker_that_hangs_does_not_outlive_the_training(folder: Path) -> None:
    assert code_of(folder, "worker") == 124
    stacks = told(folder / "worker", "hang/rank_0.txt")
    assert "dataloader.py" in stacks


@pytest.mark.skipif(os.name == "nt", reason="its C library has no pause()")
def test_a_hang_that_keeps_the_interpreters_lock_is_told_and_ended_too(folder: Path) -> None:
    assert code_of(folder, "lock") == 1
    assert "in before_train_iter" in told(folder / "lock", "hang/rank_0.txt")


def test_a_training_that_goes_on_is_left_alone_and_nothing_is_left(folder: Path) -> None:
    assert code_of(folder, "slow") == 0
    assert (folder / "slow" / "epoch_1.pth").is_file()
    assert not [*(folder / "slow").glob("*/hang")]


def test_the_watch_ends_with_a_training_that_fails(toy: Any) -> None:
    class Fails(HangHook):
        def before_train(self, runner: Any) -> None:
            assert self._doctor is not None and self._doctor.is_alive()
            self.seen = self._doctor
            raise InterruptedError("here")

    hook = Fails("1h")
    runner = toy(custom_hooks=[hook])
    with pytest.raises(InterruptedError):
        runner.train()
    assert not hook.seen.is_alive()
    assert not Path(runner.log_dir, "hang").exists()


def test_lengths_of_time_are_read_or_refused() -> None:
    assert HangHook("1h30m").timeout == 5400
    assert HangHook(checkpoint_timeout="2h").checkpoint_timeout == 7200
    with pytest.raises(ValueError, match="'soon' is no length of time"):
        HangHook("soon")
    with pytest.raises(ValueError, match="positive"):
        HangHook(checkpoint_timeout=0)
