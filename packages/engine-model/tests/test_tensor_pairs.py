"""The tensors of a model beside those of its average: found once, and again when they change."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch
from torch import nn

from engine_model import ExponentialMovingAverage
from engine_model.tensor_pairs import TensorPairs


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3, bias=False), nn.BatchNorm1d(3), nn.Linear(3, 2))


def test_tensors_are_paired_in_torchs_order() -> None:
    model = net()
    model.append(model[0])  # a shared layer is there once
    averaged, pairs = copy.deepcopy(model), TensorPairs()
    pairs.look_up(averaged, model)
    assert [id(b) for _, b in pairs.parameters] == [id(each) for each in model.parameters()]
    assert [id(a) for a, _ in pairs.parameters] == [id(each) for each in averaged.parameters()]
    assert [id(b) for _, b in pairs.buffers] == [id(each) for each in model.buffers()]
    first = pairs.parameters
    pairs.look_up(averaged, model)
    assert pairs.parameters is first


def test_a_tensor_that_was_replaced_is_found() -> None:
    model = net()
    averaged = ExponentialMovingAverage(model, momentum=0.5)
    averaged.update_parameters(model)
    model.register_buffer("extra", None)
    model[1].running_mean = torch.full((3,), 7.0)
    model[2].bias = nn.Parameter(averaged.module[2].bias + 2)
    averaged.update_parameters(model)
    assert averaged.module[1].running_mean.tolist() == [7.0] * 3
    torch.testing.assert_close(averaged.module[2].bias, model[2].bias - 1)


def test_a_model_in_another_precision_is_averaged_in_the_averages() -> None:
    model = net()
    averaged = ExponentialMovingAverage(model, momentum=0.5)
    averaged.update_parameters(model)
    before = averaged.module[0].weight.clone()
    model.double()
    with torch.no_grad():
        model[0].weight += 2
    averaged.update_parameters(model)
    assert averaged.module[0].weight.dtype == torch.float32
    torch.testing.assert_close(averaged.module[0].weight, before + 1)
    assert averaged.module[1].running_mean.dtype == torch.float32


def test_another_model_is_found_or_refused() -> None:
    model, other = net(), net()
    averaged = ExponentialMovingAverage(model, momentum=0.5)
    averaged.update_parameters(model)
    with torch.no_grad():
        other[0].weight += 2
    averaged.update_parameters(other)
    torch.testing.assert_close(averaged.module[0].weight, model[0].weight + 1)
    with pytest.raises(ValueError, match="it has 1 parameters where that has 5"):
        averaged.update_parameters(nn.Linear(2, 3, bias=False))


def test_copying_the_average_doesnt_copy_the_model() -> None:
    model = net()
    averaged = ExponentialMovingAverage(model)
    averaged.update_parameters(model)
    averaged.module = nn.Identity()  # what is left is small, unless the model is part of it
    model.append(nn.Linear(1000, 100))
    assert len(pickle.dumps(averaged)) < 5000
    assert copy.deepcopy(averaged)._pairs.parameters == []
