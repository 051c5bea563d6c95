"""Clocks, step times and prefetch on digits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from digit_steps import Digits, runner, smoothed


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads that wait for one another take longer than these models."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def told(of: Any) -> list[str]:
    text = Path(of.log_dir, f"{of.timestamp}.log").read_text("utf-8")
    return [line for line in text.splitlines() if "of the time" in line]


def test_the_verdict_names_data_that_take_long_to_read(tmp_path: Path) -> None:
    dear = runner(
        tmp_path, Digits(128, smoothed), default_hooks={"timer": {"type": "StepTimesHook"}}
    )
    dear.train()
    (line,) = told(dear)
    assert "the model waited for data: raise num_workers of train_dataloader above 0" in line
    share = int(line.split(" % of the time")[0].rsplit(" ", 1)[1])
    assert share > 50
    assert f"data {share} %" in line
    scalars = dear.message_hub.log_scalars
    waited = scalars["train/wait_time"].data[0].sum()
    assert waited > scalars["train/forward_time"].data[0].sum()


def test_the_usual_timer_comes_to_the_same(tmp_path: Path) -> None:
    dear = runner(tmp_path, Digits(128, smoothed), default_hooks={"timer": {"report_after": 0.0}})
    dear.train()
    (line,) = told(dear)
    assert "the model waited for data: raise num_workers" in line
    assert int(line.split(" % of the time")[0].rsplit(" ", 1)[1]) > 50


def test_the_times_of_each_step_are_logged(tmp_path: Path) -> None:
    timed = runner(tmp_path, Digits(), default_hooks={"timer": {"type": "StepTimesHook"}})
    timed.train()
    file = Path(timed.log_dir, "vis_data", f"{timed.timestamp}.json")
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    names = {f"{part}_time" for part in ("wait", "transfer", "forward", "backward", "optimizer")}
    assert len(lines) == 3
    assert all(names <= line.keys() and line["backward_time"] > 0 for line in lines)


def test_four_small_batches_are_one_large_one_by_the_clock_of_steps(tmp_path: Path) -> None:
    def train(batch: int, counts: int, **options: Any) -> Any:
        schedule = [
            {"type": "LinearLR", "by_epoch": False, "end": 5, "start_factor": 0.1},
            {"type": "CosineAnnealingLR", "by_epoch": False, "begin": 5},
        ]
        made = runner(
            tmp_path / f"by_{batch}",
            Digits(512),
            loader={"batch_size": batch},
            train={"max_epochs": 2},
            optim_wrapper={
                "optimizer": {"type": "SGD", "lr": 0.1, "momentum": 0.9},
                "accumulative_counts": counts,
            },
            param_scheduler=[{**each, **options} for each in schedule],
        )
        made.train()
        return made

    small, large = train(16, 4, clock="step"), train(64, 1)
    assert (small.iter, large.iter) == (64, 16)
    assert small.state.optimizer_steps == large.state.optimizer_steps == 16
    rates = [
        each.message_hub.get_scalar("train/lr").data[0][:: each.iter // 16]
        for each in (small, large)
    ]
    assert rates[0].tolist() == rates[1].tolist()
    for name, weight in large.model.state_dict().items():
        torch.testing.assert_close(small.model.state_dict()[name], weight, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("workers", [0, 1])
def test_prefetch_trains_the_same_weights(tmp_path: Path, workers: int) -> None:
    def weights(prefetch: int) -> Any:
        made = runner(
            tmp_path / str(prefetch),
            Digits(128),
            loader={"num_workers": workers},
            train={"prefetch": prefetch},
        )
        made.train()
        return made.model.state_dict()

    expected = weights(0)
    for name, weight in weights(2).items():
        assert torch.equal(weight, expected[name])
