"""Comparisons for tests."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine_runner import testing


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1.0, 1.0),
        (torch.tensor([1.0, math.nan]), torch.tensor([1.0, math.nan])),
        (np.array([1.0, 2.0]), torch.tensor([1.0, 2.0])),
        ([1, 2], torch.tensor([1.0, 2.0])),
        (torch.tensor([1.0]), torch.tensor([1.0 + 1e-7])),
    ],
)
def test_what_is_close_passes(actual: Any, expected: Any) -> None:
    testing.assert_allclose(actual, expected)


def test_what_isnt_close_is_told() -> None:
    with pytest.raises(AssertionError, match="Tensor-likes are not close"):
        testing.assert_allclose(torch.ones(3), torch.tensor([1.0, 1.0, 1.1]))
    with pytest.raises(AssertionError, match="the second one"):
        testing.assert_allclose(torch.ones(1), torch.zeros(1), msg="the second one")
    with pytest.raises(AssertionError):
        testing.assert_allclose(torch.tensor(math.nan), torch.tensor(math.nan), equal_nan=False)
    testing.assert_allclose(torch.ones(1), torch.tensor([1.1]), rtol=0.0, atol=0.2)
    with pytest.raises(ValueError, match="atol"):
        testing.assert_allclose(torch.ones(1), torch.ones(1), rtol=0.1)


def test_attributes_are_compared_at_any_depth() -> None:
    thing = SimpleNamespace(a=1, b=[torch.ones(2), {"c": np.zeros(3)}], d=None)
    found = testing.assert_attrs_equal
    assert found(thing, {})
    assert found(thing, {"a": 1, "b": [torch.ones(2), {"c": np.zeros(3)}], "d": None})
    assert not found(thing, {"b": [torch.ones(2), {"c": np.ones(3)}]})
    assert not found(thing, {"b": [torch.ones(3), {"c": np.zeros(3)}]})
    assert not found(thing, {"a": 2})
    assert not found(thing, {"missing": None})


def test_a_part_of_a_dict_is_compared() -> None:
    found = testing.assert_dict_contains_subset
    assert found({"a": 1, "b": torch.ones(2)}, {"b": torch.ones(2)})
    assert not found({"a": 1, "b": torch.ones(2)}, {"b": torch.zeros(2)})
    assert not found({"a": 1}, {"c": 1})
    assert not found({"a": (1, 2)}, {"a": [1, 2]})


def test_keys_are_compared() -> None:
    assert testing.assert_dict_has_keys({"a": 1, "b": 2}, ["a"])
    assert not testing.assert_dict_has_keys({"a": 1}, ["a", "b"])
    assert testing.assert_keys_equal(["a", "b"], ["b", "a"])
    assert not testing.assert_keys_equal(["a", "b"], ["a"])


@pytest.mark.parametrize(
    ("module", "is_norm"),
    [
        (nn.BatchNorm2d(2), True),
        (nn.SyncBatchNorm(2), True),
        (nn.InstanceNorm1d(2), True),
        (nn.GroupNorm(1, 2), True),
        (nn.LayerNorm(2), True),
        (nn.RMSNorm(2), True),
        (nn.Linear(2, 2), False),
        (nn.Sequential(nn.BatchNorm2d(2)), False),
    ],
)
def test_normalisations_are_known(module: nn.Module, is_norm: bool) -> None:
    assert testing.assert_is_norm_layer(module) is is_norm


def test_zeros_are_known() -> None:
    layer = nn.Linear(2, 2)
    nn.init.zeros_(layer.weight)
    nn.init.ones_(layer.bias)
    assert not testing.assert_params_all_zeros(layer)
    nn.init.zeros_(layer.bias)
    assert testing.assert_params_all_zeros(layer)
    assert testing.assert_params_all_zeros(nn.Linear(2, 2, bias=False).requires_grad_(False)) is (
        False
    )
