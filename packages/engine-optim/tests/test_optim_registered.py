"""Everything is found by the name that MMEngine gives it."""

from __future__ import annotations

import pytest
import torch

import engine_optim as optim
from engine_registry import (
    OPTIM_WRAPPER_CONSTRUCTORS,
    OPTIM_WRAPPERS,
    OPTIMIZERS,
    PARAM_SCHEDULERS,
)

TORCHS = (
    *("ASGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "LBFGS", "NAdam", "Optimizer"),
    *("RAdam", "RMSprop", "Rprop", "SGD", "SparseAdam"),
)


@pytest.mark.parametrize("name", TORCHS)
def test_torchs_optimizers_have_their_own_names(name: str) -> None:
    assert OPTIMIZERS.get(name) is getattr(torch.optim, name)


def test_every_optimizer_of_this_torch_has_a_name() -> None:
    names = {
        name
        for name in dir(torch.optim)
        if isinstance(getattr(torch.optim, name), type) and name != "Adafactor"
    }
    assert [name for name in sorted(names) if OPTIMIZERS.get(name) is None] == []
    assert OPTIMIZERS.get("TorchAdafactor") is torch.optim.Adafactor


def test_wrappers_and_constructors_are_registered() -> None:
    for name in ("OptimWrapper", "AmpOptimWrapper", "ApexOptimWrapper"):
        assert OPTIM_WRAPPERS.get(name) is getattr(optim, name)
    name = "DefaultOptimWrapperConstructor"
    assert OPTIM_WRAPPER_CONSTRUCTORS.get(name) is getattr(optim, name)


def test_every_schedule_is_registered() -> None:
    bases = ("ParamScheduler", "_ParamScheduler")
    names = [name for name in optim.scheduler.__all__ if name not in bases]
    assert len(names) == 29
    for name in names:
        assert PARAM_SCHEDULERS.get(name) is getattr(optim.scheduler, name)
