"""Chains of schedulers go on at any step with the rates of every parameter group."""

from __future__ import annotations

import warnings
from itertools import product
from typing import Any

import pytest
import torch
from torch import nn

from engine_optim import OptimWrapper, scheduler

STEPS = 6
KINDS: dict[str, dict[str, Any]] = {
    "Constant": {"factor": 0.5, "end": 3},
    "Linear": {"start_factor": 0.1, "end": 4},
    "Exponential": {"gamma": 0.7},
    "Step": {"step_size": 2, "gamma": 0.5},
    "MultiStep": {"milestones": [1, 3], "gamma": 0.3},
    "CosineAnnealing": {"T_max": 3, "eta_min_ratio": 0.1},
    "Poly": {"eta_min": 0.001, "end": 5},
    "CosineRestart": {"periods": [2, 3], "restart_weights": [1, 0.5], "eta_min": 0.001},
    "OneCycle": {"eta_max": 0.5, "total_steps": 4, "end": 2},
}


def optimizer(*, wrapped: bool) -> Any:
    weights = [nn.Parameter(torch.ones(1)) for _ in range(3)]
    groups = [{"params": weights[:2]}, {"params": weights[2:], "lr": 0.5}]
    made = torch.optim.SGD(groups, lr=0.01, momentum=0.9)
    return OptimWrapper(made) if wrapped else made


def chain(kinds: tuple[str, ...], over: Any) -> list[Any]:
    return [getattr(scheduler, f"{kind}LR")(over, **KINDS[kind]) for kind in kinds]


def stepped(schedulers: list[Any], over: Any, count: int) -> list[list[float]]:
    """The rate of each parameter group after each of some steps."""
    inner, found = getattr(over, "optimizer", over), []
    for _ in range(count):
        inner.step()
        for each in schedulers:
            each.step()
        found.append([group["lr"] for group in inner.param_groups])
    return found


@pytest.mark.parametrize(("saved_in", "loaded_in"), list(product(("torch", "wrapper"), repeat=2)))
@pytest.mark.parametrize("first", KINDS)
def test_a_chain_goes_on_at_any_step_in_a_wrapper_or_without(
    first: str, saved_in: str, loaded_in: str
) -> None:
    warnings.simplefilter("ignore")  # of steps before the optimizer's: of zero steps
    for second, at in product(KINDS, range(STEPS)):
        whole = optimizer(wrapped=saved_in == "wrapper")
        schedulers = chain((first, second), whole)
        stepped(schedulers, whole, at)
        states = [each.state_dict() for each in schedulers]
        weights = getattr(whole, "optimizer", whole).state_dict()
        expected = stepped(schedulers, whole, STEPS)

        again = optimizer(wrapped=loaded_in == "wrapper")
        resumed = chain((first, second), again)
        getattr(again, "optimizer", again).load_state_dict(weights)
        for each, state in zip(resumed, states, strict=True):
            each.load_state_dict(state)
        assert stepped(resumed, again, STEPS) == expected, (second, at)
