"""What a strategy is told of a runner's arguments."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from engine_optim import AmpOptimWrapper, OptimWrapper, OptimWrapperDict
from engine_runner.hooks import EMAHook
from engine_runner.strategy import StrategyRequest

SGD = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1)


@pytest.mark.parametrize(
    ("given", "wrappers", "optimizers"),
    [
        (None, [], []),
        ({"optimizer": {"type": "SGD"}}, ["OptimWrapper"], ["SGD"]),
        (
            {"type": "AmpOptimWrapper", "optimizer": {"type": "torch.optim.Adam"}},
            ["AmpOptimWrapper"],
            ["Adam"],
        ),
        (
            {"a": {"optimizer": {"type": "SGD"}}, "b": {"type": "X", "optimizer": {"type": "Y"}}},
            ["OptimWrapper", "X"],
            ["SGD", "Y"],
        ),
        (OptimWrapper(SGD), ["OptimWrapper"], ["SGD"]),
        (
            OptimWrapperDict(a=OptimWrapper(SGD), b=AmpOptimWrapper(optimizer=SGD)),
            ["OptimWrapper", "AmpOptimWrapper"],
            ["SGD", "SGD"],
        ),
    ],
)
def test_optimizers_are_known_by_name(
    given: Any, wrappers: list[str], optimizers: list[str]
) -> None:
    asked = StrategyRequest(optim_wrapper=given)
    assert asked.optim_wrapper_types() == wrappers
    assert asked.optimizer_types() == optimizers


def test_hooks_are_known_by_name() -> None:
    asked = StrategyRequest(hooks=[EMAHook(), {"type": "SyncBuffersHook"}, None])
    assert asked.hook_types() == ["EMAHook", "SyncBuffersHook"]
