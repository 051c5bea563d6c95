"""Training in float8 is refused where it can't be, and says what it lacks."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import torch
from torch import nn

from engine_model.float8 import turn_on_float8, why_no_float8

MODEL = nn.Sequential(nn.Linear(16, 32), nn.Linear(32, 3))


def test_a_device_without_it_is_told() -> None:
    reason = why_no_float8(torch.device("cpu"))
    assert reason is not None
    assert "AmpOptimWrapper" in reason


def test_a_runner_refuses_it_at_once(toy: Any) -> None:
    if why_no_float8(torch.device("cuda" if torch.cuda.is_available() else "cpu")) is None:
        pytest.skip("this GPU multiplies in float8")
    with pytest.raises(ValueError, match="SingleDeviceStrategy can't train in float8 on"):
        toy(cfg={"float8": True})


@pytest.mark.parametrize(
    ("settings", "kind", "says"),
    [
        ({"recipes": "rowwise"}, TypeError, "no setting 'recipes'"),
        ({"modules": "head"}, ValueError, "no linear layer 'head'"),
    ],
)
def test_wrong_settings_are_told(settings: Any, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        turn_on_float8(MODEL, settings)


def test_what_to_install_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchao.float8", None)
    monkeypatch.setitem(sys.modules, "torchao", None)
    with pytest.raises(ImportError, match="pip install torchao"):
        turn_on_float8(MODEL, True)
