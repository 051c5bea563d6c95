"""An optimizer that is spread over processes does what a whole one does."""

from __future__ import annotations

from typing import Any

import pytest
import sharded_optimizer
import torch
from torch import nn

import engine_optim as optim
from engine_dist import launch
from engine_registry import OPTIMIZERS, UnknownNameError


@pytest.fixture(scope="module")
def ranks() -> list[dict[str, Any]]:
    """What two processes found."""
    return launch(
        sharded_optimizer.sharded, 2, backend="gloo", start_method="forkserver", timeout=60
    )


def test_it_trains_as_the_whole_optimizer_does(ranks: list[dict[str, Any]]) -> None:
    model, wrapper = sharded_optimizer.made(sharded_optimizer.PLAIN)
    sharded_optimizer.train(model, wrapper, 5)
    for rank in ranks:
        assert rank["unbroken"] == pytest.approx(sharded_optimizer.weights(model), abs=1e-6)


def test_each_process_keeps_a_part_of_the_state(ranks: list[dict[str, Any]]) -> None:
    kept = [rank["moments kept"] for rank in ranks]
    assert sum(kept) == 4
    assert max(kept) < 4


def test_the_main_process_has_the_state_of_all(ranks: list[dict[str, Any]]) -> None:
    assert [rank["has a state"] for rank in ranks] == [True, False]
    for rank in ranks:
        assert rank["resumed"] == pytest.approx(rank["unbroken"], abs=1e-6)


def test_an_unknown_optimizer_is_named() -> None:
    config = {"type": "ZeroRedundancyOptimizer", "optimizer_type": "Adan", "lr": 0.1}
    with pytest.raises(UnknownNameError, match="Adan"):
        OPTIMIZERS.build({**config, "params": [nn.Parameter(torch.zeros(1))]})


def test_it_is_a_public_name_that_is_imported_on_use() -> None:
    assert optim.ZeroRedundancyOptimizer is OPTIMIZERS.get("ZeroRedundancyOptimizer")
    with pytest.raises(AttributeError, match="has no attribute 'ZeroOptimizer'"):
        _ = optim.ZeroOptimizer
