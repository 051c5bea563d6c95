"""What a checkpoint holds of each rank, and what becomes of it on another number of them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from toy import QUIET, Points, loader, without_validation

from engine_checkpoint import read_file
from engine_runner.hooks import Hook
from engine_runner.randomness import rng_state


class Draw(Hook):
    """Keeps a random number of each iteration."""

    def __init__(self) -> None:
        self.seen: dict[int, float] = {}

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        self.seen[runner.iter] = float(torch.rand(()))


def train(toy: Any, **options: Any) -> tuple[Any, Draw]:
    hook = Draw()
    checkpoint = {"by_epoch": False, "interval": 3}
    given = {"default_hooks": {**QUIET, "checkpoint": checkpoint}, "custom_hooks": [hook]}
    runner = toy(**without_validation(), **{**given, **options})
    runner.train()
    return runner, hook


@pytest.fixture
def stopped(toy: Any, tmp_path: Path) -> tuple[Path, dict[int, float]]:
    """A checkpoint of the third iteration, and the random numbers of the training after it."""
    _, hook = train(toy, work_dir=tmp_path / "first")
    return tmp_path / "first" / "iter_3.pth", hook.seen


def changed(path: Path, **parts: Any) -> str:
    checkpoint = {**read_file(path), **parts}
    found = path.with_name("changed.pth")
    torch.save({key: each for key, each in checkpoint.items() if each is not None}, found)
    return str(found)


def test_random_numbers_go_on(toy: Any, stopped: Any) -> None:
    path, seen = stopped
    _, hook = train(toy, load_from=str(path), resume=True)
    assert hook.seen == {number: each for number, each in seen.items() if number >= 3}


@pytest.mark.parametrize("number", [0, 4])
def test_without_those_of_as_many_ranks_they_depend_on_seed_and_iteration(
    toy: Any, stopped: Any, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    path, seen = stopped
    rng = [{"rng": rng_state(), "pass_start": None}] * number
    address = changed(path, rng=rng or None)
    found = []
    for _ in range(2):
        torch.rand(7)
        runner = toy(
            **without_validation(),
            log_level="INFO",
            custom_hooks=[hook := Draw()],
            load_from=address,
            resume=True,
        )
        runner.logger.addHandler(caplog.handler)
        with caplog.at_level(logging.INFO):
            runner.train()
        found.append(hook.seen)
    assert found[0] == found[1] != {key: seen[key] for key in found[0]}
    whose = "4 ranks'" if number else "no"
    assert f"holds {whose} random states, and there are 1 ranks" in caplog.text
    assert "the seed 1 and iteration 3" in caplog.text


def test_batches_of_another_size_go_on_at_the_same_sample(
    toy: Any, stopped: Any, caplog: pytest.LogCaptureFixture
) -> None:
    path, _ = stopped
    data = Points(23)
    runner = toy(
        **without_validation(),
        train_dataloader=loader(data, batch_size=4),
        load_from=str(path),
        resume=True,
    )
    runner.logger.addHandler(caplog.handler)
    runner.train()
    assert data.read[:3] == [4, 5, 6]  # six were trained on; whole batches are left out
    assert "2 samples an iteration" in caplog.text and "now they are 4" in caplog.text
    assert "2 samples earlier" in caplog.text


def test_gradients_of_a_window_are_there_only_within_it(toy: Any, tmp_path: Path) -> None:
    wrapper = {
        "type": "OptimWrapper",
        "optimizer": {"type": "SGD", "lr": 0.01},
        "accumulative_counts": 2,
    }
    train(toy, optim_wrapper=wrapper)
    within, after = (read_file(tmp_path / "work" / f"iter_{number}.pth") for number in (3, 6))
    (window,) = within["accumulation"]
    assert (window["every"], window["count"], len(window["gradients"])) == (2, 3, 2)
    assert all(isinstance(each, torch.Tensor) for each in window["gradients"])
    assert after["accumulation"] == [{"every": 2, "count": 6, "gradients": []}]


def test_without_accumulation_a_checkpoint_grows_by_the_random_states_alone(
    toy: Any, tmp_path: Path, stopped: Any
) -> None:
    path, _ = stopped
    checkpoint = read_file(path)
    assert "accumulation" not in checkpoint and "buffers" not in checkpoint
    del checkpoint["rng"]
    torch.save(checkpoint, tmp_path / "without.pth")
    assert path.stat().st_size - (tmp_path / "without.pth").stat().st_size < 30_000


def test_on_more_ranks_each_begins_with_the_mean_of_the_gradients(toy: Any, stopped: Any) -> None:
    wrapper = {
        "type": "OptimWrapper",
        "optimizer": {"type": "SGD", "lr": 0.01},
        "accumulative_counts": 2,
    }
    seen: list[Any] = []

    class Look(Hook):
        def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
            if not seen:
                weight, bias = runner.model.parameters()
                seen.extend([weight.grad.tolist(), bias.grad, runner.optim_wrapper.inner_count])

    windows = [
        {"every": 2, "count": 3, "gradients": [None, None]},
        {"every": 2, "count": 3, "gradients": [torch.full((1, 2), 3.0), None]},
        {"every": 2, "count": 3, "gradients": [torch.full((1, 2), 6.0), None]},
    ]
    train(
        toy,
        load_from=changed(stopped[0], accumulation=windows),
        resume=True,
        optim_wrapper=wrapper,
        custom_hooks=[Look()],
    )
    assert seen == [[[3.0, 3.0]], None, 3]
