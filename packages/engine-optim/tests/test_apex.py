"""Apex is asked for where it is used, and does the work where it is there."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_optim import ApexOptimWrapper
from engine_registry import OPTIM_WRAPPERS


class Amp(types.ModuleType):
    """Stands in for apex.amp, which needs NVIDIA's compiler to be installed."""

    def __init__(self) -> None:
        super().__init__("apex.amp")
        self.arguments: list[dict[str, Any]] = []
        self.state: dict[str, Any] = {"scale": 1}

    def initialize(self, model: Any, optimizer: Any, **kwargs: Any) -> tuple[Any, Any]:
        self.arguments.append(kwargs)
        return model, optimizer

    @contextmanager
    def scale_loss(self, loss: Tensor, optimizer: Any) -> Iterator[Tensor]:
        yield loss * 2
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad /= 2

    def state_dict(self) -> dict[str, Any]:
        return self.state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.state = state


@pytest.fixture
def amp(monkeypatch: pytest.MonkeyPatch) -> Amp:
    stand_in = Amp()
    monkeypatch.setitem(sys.modules, "apex", types.ModuleType("apex"))
    monkeypatch.setitem(sys.modules, "apex.amp", stand_in)
    return stand_in


def test_its_absence_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apex", None)
    with pytest.raises(ImportError, match=r"github\.com/NVIDIA/apex.*AmpOptimWrapper does the"):
        OPTIM_WRAPPERS.build({"type": "ApexOptimWrapper", "optimizer": None})


def test_it_hands_over_the_model_once_and_trains(amp: Amp) -> None:
    model = nn.Linear(2, 1)
    nn.init.ones_(model.weight)
    wrapper = ApexOptimWrapper("O2", optimizer=torch.optim.SGD(model.parameters(), lr=0.5))
    for _ in range(2):
        with wrapper.optim_context(model):
            loss = model(torch.ones(1, 2)).sum()
        wrapper.update_params(loss)
    assert [given["opt_level"] for given in amp.arguments] == ["O2"]
    assert torch.equal(model.weight, torch.zeros(1, 2))
    assert wrapper.inner_count == 2


def test_its_state_is_kept_beside_the_optimizers(amp: Amp) -> None:
    wrapper = ApexOptimWrapper(optimizer=torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.5))
    amp.state = {"scale": 8}
    state = wrapper.state_dict()
    amp.state = {}
    wrapper.load_state_dict(state)
    assert amp.state == {"scale": 8}
    assert wrapper.get_lr() == {"lr": [0.5]}
