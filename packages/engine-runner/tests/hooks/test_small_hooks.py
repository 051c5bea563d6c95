"""The hooks that step schedulers, keep the hub up to date, time, and tell samplers the epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import BatchSampler, DataLoader, SequentialSampler
from toy import QUIET, Count, Points, loader, without_validation

from engine_runner.hooks import (
    DistSamplerSeedHook,
    Hook,
    IterTimerHook,
    ParamSchedulerHook,
    RuntimeInfoHook,
)
from engine_runner.hooks.runtime_info import is_number


class Rates(Hook):
    """Keeps the learning rate with which each iteration began."""

    def __init__(self) -> None:
        self.rates: list[float] = []

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        self.rates.append(runner.optim_wrapper.get_lr()["lr"][0])


def test_schedulers_are_stepped_by_their_own_clock(toy: Any) -> None:
    rates = Rates()
    runner = toy(
        **without_validation(),
        train_dataloader=loader(Points(4)),
        train_cfg={"by_epoch": True, "max_epochs": 3},
        param_scheduler=[
            {"type": "StepLR", "step_size": 1, "gamma": 0.1, "by_epoch": True},
            {"type": "StepLR", "step_size": 1, "gamma": 0.5, "by_epoch": False},
        ],
        default_hooks={**QUIET, "param_scheduler": ParamSchedulerHook()},
        custom_hooks=[rates],
    )
    runner.train()
    expected = [0.01 * 0.1 ** (i // 2) * 0.5**i for i in range(6)]
    assert rates.rates == pytest.approx(expected, rel=1e-12)


def test_a_plateau_is_seen_in_the_validations_numbers(toy: Any) -> None:
    runner = toy(
        train_dataloader=loader(Points(4)),
        train_cfg={"by_epoch": True, "max_epochs": 4},
        val_evaluator=Count([0.5, 0.5, 0.5, 0.5]),
        param_scheduler={
            "type": "ReduceOnPlateauLR",
            "monitor": "accuracy",
            "rule": "greater",
            "patience": 1,
            "factor": 0.1,
        },
        default_hooks={**QUIET, "param_scheduler": ParamSchedulerHook()},
    )
    runner.train()
    assert runner.optim_wrapper.get_lr()["lr"] == [pytest.approx(0.001)]


def test_the_hub_knows_where_the_training_stands(toy: Any) -> None:
    seen: list[dict[str, Any]] = []

    class Look(Hook):
        priority = "LOWEST"

        def after_train_iter(self, runner: Any, **kwargs: Any) -> None:
            seen.append(dict(runner.message_hub.runtime_info))

        def after_val_iter(self, runner: Any, **kwargs: Any) -> None:
            seen.append(dict(runner.message_hub.runtime_info))

    runner = toy(
        train_dataloader=loader(Points(4, metainfo={"classes": ("a",)})),
        val_evaluator=Count(prefix="p"),
        default_hooks={**QUIET, "runtime_info": RuntimeInfoHook()},
        custom_hooks=[Look()],
    )
    runner.train()
    first, second, validation = seen[:3]
    assert (first["loop_stage"], first["epoch"], first["iter"]) == ("train", 0, 0)
    assert (second["iter"], second["max_epochs"], second["max_iters"]) == (1, 2, 4)
    assert first["dataset_meta"] == {"classes": ("a",)}
    assert first["seed"] == 1
    assert first["experiment_name"] == runner.experiment_name
    assert validation["loop_stage"] == "val"
    assert "loop_stage" not in runner.message_hub.runtime_info
    scalars = runner.message_hub.log_scalars
    assert len(scalars["train/loss"].data[0]) == 4
    assert scalars["train/lr"].data[0].tolist() == [0.01] * 4
    assert scalars["train/acc"].current() == 0.5
    assert scalars["val/p/accuracy"].data[0].tolist() == [1.0, 1.0]


def test_metrics_that_are_no_numbers_are_kept_as_information(toy: Any) -> None:
    class Table(Count):
        def compute_metrics(self, results: list[Any]) -> dict[str, Any]:
            return {"table": np.ones((2, 2)), "one": torch.tensor([3.0]), "text": "good"}

    runner = toy(val_evaluator=Table(), default_hooks={**QUIET, "runtime_info": RuntimeInfoHook()})
    runner.val()
    hub = runner.message_hub
    assert hub.get_info("val/table").shape == (2, 2)
    assert hub.get_info("val/text") == "good"
    assert hub.get_scalar("val/one").current() == 3.0


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, True),
        (0.5, True),
        (np.float32(1), True),
        (np.ones(1), True),
        (np.ones(2), False),
        (torch.ones(()), True),
        (torch.ones(2), False),
        ("1", False),
        (None, False),
        ([1], False),
    ],
)
def test_numbers_are_told_from_the_rest(value: Any, number: bool) -> None:
    assert is_number(value) is number


def test_iterations_are_timed_and_what_is_left_estimated(toy: Any) -> None:
    etas: list[float] = []

    class Look(Hook):
        priority = "LOWEST"

        def after_train_iter(self, runner: Any, **kwargs: Any) -> None:
            etas.append(runner.message_hub.get_info("eta"))

    runner = toy(default_hooks={**QUIET, "timer": IterTimerHook()}, custom_hooks=[Look()])
    runner.train()
    scalars = runner.message_hub.log_scalars
    times, data_times = (scalars[f"train/{key}"].data[0] for key in ("time", "data_time"))
    assert len(times) == len(data_times) == 24
    assert (data_times > 0).all()
    assert (times >= data_times).all()
    spent = np.cumsum(times)
    expected = [spent[i] / (i + 1) * (23 - i) for i in range(24)]
    assert etas == pytest.approx(expected)
    assert len(scalars["val/time"].data[0]) == len(scalars["val/data_time"].data[0]) == 6


class Told(SequentialSampler):
    """Keeps the epochs that it is told."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.epochs: list[int] = []

    def set_epoch(self, epoch: int) -> None:
        self.epochs.append(epoch)


@pytest.mark.parametrize("inside", [False, True], ids=["sampler", "in the batch sampler"])
def test_samplers_are_told_the_epoch(toy: Any, inside: bool) -> None:
    data = Points(4)
    sampler = Told(data)
    given: Any = (
        DataLoader(data, batch_sampler=BatchSampler(sampler, 2, drop_last=False))
        if inside
        else DataLoader(data, batch_size=2, sampler=sampler)
    )
    toy(
        **without_validation(),
        train_dataloader=given,
        default_hooks={**QUIET, "sampler_seed": DistSamplerSeedHook()},
    ).train()
    assert sampler.epochs == [0, 1]
