"""Schedules equal MMEngine's, whose values were recorded, and torch's."""

from __future__ import annotations

import json
import math
import warnings
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from engine_logging import MMLogger
from engine_optim import OptimWrapper, OptimWrapperDict
from engine_optim.scheduler import (
    CosineAnnealingLR,
    CosineRestartLR,
    LinearLR,
    LinearMomentum,
    MultiStepLR,
    OneCycleLR,
    OneCycleParamScheduler,
    ReduceOnPlateauLR,
    StepLR,
    StepParamScheduler,
)
from engine_optim.scheduler.base import ParamScheduler
from engine_optim.scheduler.momentum import MomentumSchedulerMixin
from engine_registry import PARAM_SCHEDULERS

# Recorded by running mmengine 0.10.7 with epochs of 5 iterations.
RECORDED = json.loads((Path(__file__).parent / "mmengine_curves.json").read_text("utf-8"))


def optimizer(kind: str = "SGD", groups: int = 2) -> torch.optim.Optimizer:
    params = [{"params": [nn.Parameter(torch.zeros(1))]} for _ in range(groups)]
    if kind == "Adam":
        return torch.optim.Adam(params[:1], lr=0.2)
    if groups > 1:
        params[1]["lr"] = 0.05
    return torch.optim.SGD(params, lr=0.2, momentum=0.9)


def values(of: torch.optim.Optimizer, *, momentum: bool) -> list[float]:
    if not momentum:
        return [group["lr"] for group in of.param_groups]
    return [group.get("momentum", group.get("betas", [0])[0]) for group in of.param_groups]


@pytest.mark.parametrize(
    "case", RECORDED, ids=lambda c: "+".join(s["type"] for s in c["schedulers"])
)
def test_every_curve_is_mmengines(case: dict[str, Any]) -> None:
    opt = optimizer(case["optimizer"], len(case["values"][0]))
    defaults = {"optimizer": opt, "epoch_length": 5}
    schedulers = [
        PARAM_SCHEDULERS.build(config, default_args=defaults) for config in case["schedulers"]
    ]
    momentum = "Momentum" in case["schedulers"][0]["type"]
    metrics = case.get("metrics")
    for step, expected in enumerate(case["values"]):
        assert values(opt, momentum=momentum) == pytest.approx(expected, abs=1e-12, rel=1e-12)
        if metrics is not None and step < len(metrics):
            schedulers[0].step({"m": metrics[step]})
        elif metrics is None:
            for scheduler in schedulers:
                scheduler.step()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda o: StepLR(o, 3), lambda o: torch.optim.lr_scheduler.StepLR(o, 3)),
        (
            lambda o: MultiStepLR(o, [2, 5]),
            lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [2, 5]),
        ),
        (
            lambda o: CosineAnnealingLR(o, T_max=7, eta_min=0.01),
            lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 7, eta_min=0.01),
        ),
        (
            lambda o: OneCycleLR(o, eta_max=0.4, total_steps=20),
            lambda o: torch.optim.lr_scheduler.OneCycleLR(
                o, 0.4, total_steps=20, cycle_momentum=False
            ),
        ),
        (
            lambda o: LinearLR(o, start_factor=0.25, end=6),
            lambda o: torch.optim.lr_scheduler.LinearLR(o, 0.25, total_iters=5),
        ),
    ],
)
def test_curves_are_torchs(ours: Any, theirs: Any) -> None:
    one, other = optimizer(), optimizer()
    mine, reference = ours(one), theirs(other)
    for _ in range(19):
        assert values(one, momentum=False) == pytest.approx(
            values(other, momentum=False), rel=1e-12
        )
        other.step()
        mine.step()
        reference.step()


def test_a_schedule_goes_on_from_its_state() -> None:
    whole, first = optimizer(), optimizer()
    untouched = [LinearLR(whole, start_factor=0.1, end=4), CosineAnnealingLR(whole, T_max=9)]
    stopped = [LinearLR(first, start_factor=0.1, end=4), CosineAnnealingLR(first, T_max=9)]
    for scheduler in [*untouched, *stopped]:
        for _ in range(3):
            scheduler.step()
    later = optimizer()
    resumed = [LinearLR(later, start_factor=0.1, end=4), CosineAnnealingLR(later, T_max=9)]
    later.load_state_dict(first.state_dict())
    for scheduler, state in zip(resumed, stopped, strict=True):
        scheduler.load_state_dict(json.loads(json.dumps(state.state_dict())))  # plain data
    for _ in range(5):
        for scheduler in [*untouched, *resumed]:
            scheduler.step()
        assert values(later, momentum=False) == values(whole, momentum=False)


def test_the_last_value_is_the_present_one_whether_it_is_scheduled_or_not() -> None:
    opt = optimizer(groups=1)
    early, late = StepLR(opt, 1, end=2), LinearLR(opt, start_factor=0.5, begin=3, end=5)
    seen = []
    for _ in range(6):
        for scheduler in (early, late):
            scheduler.step()
        seen.append((early.get_last_value(), late.get_last_value()))
    assert [value for (value,), _ in seen] == pytest.approx([0.02, 0.02, 0.02, 0.01, 0.02, 0.02])
    assert [value for _, (value,) in seen] == pytest.approx([0.02, 0.02, 0.01, 0.02, 0.02, 0.02])


def test_what_is_out_of_range_is_named() -> None:
    opt = optimizer()
    with pytest.raises(ValueError, match="end must be after begin, got begin=5, end=5"):
        StepLR(opt, 1, begin=5, end=5)
    with pytest.raises(ValueError, match=r"start_factor must lie in \(0, 1\], got 0"):
        LinearLR(opt, start_factor=0)
    with pytest.raises(TypeError, match="must be an Optimizer or an OptimWrapper"):
        LinearLR(opt.param_groups)
    several = OptimWrapperDict(first=OptimWrapper(opt), second=OptimWrapper(optimizer()))
    with pytest.raises(TypeError, match="optimizers first, second need schedulers of their own"):
        LinearLR(several)
    with pytest.raises(ValueError, match="not both"):
        CosineAnnealingLR(opt, T_max=3, eta_min=0.1, eta_min_ratio=0.1)
    with pytest.raises(ValueError, match="2 periods, but 1 restart_weights"):
        CosineRestartLR(opt, periods=[1, 2])
    with pytest.raises(ValueError, match="needs total_steps, or an end"):
        OneCycleLR(opt, eta_max=1)
    with pytest.raises(KeyError, match="initial_lr"):
        StepLR(optimizer(), 1, last_step=3)
    config = {"type": "StepLR", "step_size": 1, "by_epoch": False, "convert_to_iter_based": True}
    with pytest.raises(ValueError, match="by_epoch"):
        PARAM_SCHEDULERS.build(config, default_args={"optimizer": opt, "epoch_length": 5})


def test_arguments_of_one_cycles_and_plateaus_are_checked() -> None:
    opt = optimizer()
    for arguments, message in (
        ({"total_steps": 0}, "total_steps must be a positive int, got 0"),
        ({"total_steps": 9, "pct_start": 2}, r"pct_start must lie in \[0, 1\], got 2"),
        ({"total_steps": 9, "anneal_strategy": "exp"}, "is 'cos' or 'linear', got 'exp'"),
    ):
        with pytest.raises(ValueError, match=message):
            OneCycleLR(opt, eta_max=1, **arguments)
    with pytest.raises(ValueError, match="changes 'lr' alone, got 'momentum'"):
        OneCycleParamScheduler(opt, "momentum", total_steps=9)
    for arguments, message in (
        ({"by_epoch": False}, "steps with validations: by_epoch must be True"),
        ({"factor": 1.0}, "factor must be below 1, got 1.0"),
        ({"rule": "min"}, "rule is 'less' or 'greater', got 'min'"),
        ({"threshold_rule": "x"}, "threshold_rule is 'rel' or 'abs', got 'x'"),
        ({"min_value": [0.1]}, "1 values for 2 groups"),
    ):
        with pytest.raises(ValueError, match=message):
            ReduceOnPlateauLR(opt, **arguments)
    with pytest.raises(TypeError, match=r"metrics must be a dict, got 0\.5"):
        ReduceOnPlateauLR(opt).step(0.5)


def test_a_one_cycle_that_is_over_says_what_to_change() -> None:
    scheduler = OneCycleLR(optimizer(), eta_max=1, total_steps=3)
    with pytest.raises(ValueError, match=r"step 4 of a OneCycle schedule of 3: give a longer"):
        for _ in range(4):
            scheduler.step()


def test_an_epoch_must_have_a_length_to_be_counted_in_iterations() -> None:
    with pytest.raises(
        ValueError, match="StepParamScheduler: epoch_length must be positive, got None"
    ):
        StepParamScheduler.build_iter_from_epoch(optimizer(), "lr", step_size=1)
    with pytest.raises(ValueError, match="StepParamScheduler counts iterations already"):
        StepParamScheduler.build_iter_from_epoch(optimizer(), "lr", step_size=1, by_epoch=False)


def test_changes_are_logged_if_asked(caplog: pytest.LogCaptureFixture) -> None:
    opt = optimizer(groups=1)
    MMLogger.get_instance("schedules").addHandler(caplog.handler)
    schedulers = [
        StepLR(opt, 1, verbose=True),
        ReduceOnPlateauLR(opt, monitor="loss", patience=0, factor=0.5, verbose=True),
    ]
    schedulers[0].step()
    for loss in (1.0, 2.0):
        schedulers[1].step({"loss": loss})
    assert "Adjusting parameter value of group 0 to 2.0000e-02" in caplog.text
    assert "step 2: reducing lr of group 0 to 1.0000e-02" in caplog.text


def test_a_plateau_needs_the_metric_that_it_watches() -> None:
    scheduler = ReduceOnPlateauLR(optimizer(), monitor="loss")
    with pytest.raises(ValueError, match=r"monitors 'loss', and the validation gave \['acc'\]"):
        scheduler.step({"acc": 1.0})
    assert scheduler.best == math.inf


def test_a_plateau_is_looked_for_between_begin_and_end() -> None:
    opt = optimizer(groups=1)
    scheduler = ReduceOnPlateauLR(opt, monitor="loss", patience=0, factor=0.5, begin=3, end=6)
    rates = []
    for _ in range(8):
        scheduler.step({"loss": 1.0})
        rates.append(opt.param_groups[0]["lr"])
        assert scheduler.get_last_value() == rates[-1:]
    assert rates == pytest.approx([0.2, 0.2, 0.2, 0.1, 0.05, 0.05, 0.05, 0.05])


def test_a_plateau_of_other_groups_keeps_its_own_lowest_values() -> None:
    many, few = optimizer(groups=2), optimizer(groups=1)
    first = ReduceOnPlateauLR(many, monitor="loss", patience=0, factor=0.5, min_value=0.15)
    second = ReduceOnPlateauLR(few, monitor="loss", patience=0, factor=0.5, min_value=0.15)
    first.step({"loss": 1.0})
    second.load_state_dict(first.state_dict())
    second.step({"loss": 2.0})
    assert few.param_groups[0]["lr"] == 0.15


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=40), st.integers(0, 3), st.integers(0, 3))
def test_plateaus_are_torchs(metrics: list[float], patience: int, cooldown: int) -> None:
    for rule, threshold_rule in product(("less", "greater"), ("rel", "abs")):
        one, other = optimizer(), optimizer()
        mine = ReduceOnPlateauLR(
            one,
            monitor="m",
            rule=rule,
            factor=0.5,
            patience=patience,
            threshold=0.1,
            threshold_rule=threshold_rule,
            cooldown=cooldown,
            min_value=0.01,
        )
        theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
            other,
            mode={"less": "min", "greater": "max"}[rule],
            factor=0.5,
            patience=patience,
            threshold=0.1,
            threshold_mode=threshold_rule,
            cooldown=cooldown,
            min_lr=0.01,
        )
        for metric in metrics:
            mine.step({"m": metric})
            theirs.step(metric)
            assert values(one, momentum=False) == values(other, momentum=False)


class Halved(MomentumSchedulerMixin, ParamScheduler):
    """A scheduler of one's own that looks for the setting by its name."""

    def _get_value(self) -> list[float]:
        groups = self.optimizer.param_groups
        return [group[self.param_name] * (0.5 if self.last_step else 1) for group in groups]


def test_the_momentum_is_found_by_its_name_also_in_adam() -> None:
    adam = torch.optim.Adam([nn.Parameter(torch.ones(1))], betas=(0.8, 0.9))
    scheduler = Halved(adam)
    scheduler.step()
    (group,) = adam.param_groups
    assert (group["betas"], group["momentum"]) == ((0.4, 0.9), 0.4)
    assert scheduler.use_betas
    assert scheduler.state_dict()["use_betas"]


def test_a_momentum_scheduler_refuses_an_optimizer_without_momentum() -> None:
    adagrad = torch.optim.Adagrad([nn.Parameter(torch.ones(1))])
    for optimizer in (adagrad, OptimWrapper(adagrad)):
        with pytest.raises(
            ValueError, match=r"momentum or betas, and .* of Adagrad have .*lr_decay"
        ):
            LinearMomentum(optimizer)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_scheduler_that_steps_before_its_optimizer_warns_once(wrapped: bool) -> None:
    inner = optimizer(groups=1)
    given: Any = OptimWrapper(inner) if wrapped else inner
    scheduler = StepLR(given, step_size=1)
    with pytest.warns(UserWarning, match="before optimizer.step"):
        scheduler.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler.step()
        later = StepLR(given, step_size=1)
        given.step()
        later.step()
