"""Memory that no tensor uses is given back when it was asked for."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from toy import QUIET

from engine_runner.hooks import EmptyCacheHook

ITERATIONS = ["after_train_iter", "after_val_iter", "after_test_iter"]
BEFORE = ["before_train_epoch", "before_val_epoch", "before_test_epoch"]
AFTER = ["after_train_epoch", "after_val_epoch", "after_test_epoch"]


@pytest.mark.parametrize(
    ("options", "stages"),
    [
        ({}, AFTER),
        ({"after_epoch": False}, []),
        ({"before_epoch": True}, BEFORE + AFTER),
        ({"after_epoch": False, "after_iter": True}, ITERATIONS),
    ],
)
def test_it_is_called_only_where_it_was_asked_for(
    toy: Any, options: dict[str, bool], stages: list[str]
) -> None:
    hook = EmptyCacheHook(**options)
    assert set(hook.get_triggered_stages()) == set(stages)
    toy(custom_hooks=[hook], default_hooks=QUIET).train()  # a CPU has nothing to give back


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_the_memory_of_a_gpu_is_given_back(toy: Any) -> None:
    runner = toy(default_hooks=QUIET)
    kept = torch.ones(2**24, device="cuda")  # 64 MB
    before = torch.cuda.memory_reserved()
    del kept
    EmptyCacheHook().after_train_epoch(runner)
    assert torch.cuda.memory_reserved() <= before - 2**26
