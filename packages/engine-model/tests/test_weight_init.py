"""Initialisations against torch's own, with the same random numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_model import (
    bias_init_with_prob,
    caffe2_xavier_init,
    constant_init,
    kaiming_init,
    normal_init,
    trunc_normal_,
    trunc_normal_init,
    uniform_init,
    xavier_init,
)

CASES: list[tuple[str, Callable[..., None], dict[str, Any], Callable[[Tensor], Any]]] = [
    ("constant", constant_init, {"val": 3.0}, lambda w: nn.init.constant_(w, 3.0)),
    ("xavier", xavier_init, {"gain": 2}, lambda w: nn.init.xavier_normal_(w, 2)),
    (
        "xavier uniform",
        xavier_init,
        {"distribution": "uniform"},
        lambda w: nn.init.xavier_uniform_(w),
    ),
    ("normal", normal_init, {"mean": 1, "std": 2}, lambda w: nn.init.normal_(w, 1, 2)),
    (
        "cut off",
        trunc_normal_init,
        {"mean": 1, "std": 2, "a": 0, "b": 1.5},
        # by the inverse of the distribution function, as torch drew before 2.13
        lambda w: (
            w.detach()
            .uniform_(math.erf(-0.5 / math.sqrt(2)), math.erf(0.25 / math.sqrt(2)))
            .erfinv_()
            .mul_(2 * math.sqrt(2))
            .add_(1)
            .clamp_(0, 1.5)
        ),
    ),
    ("uniform", uniform_init, {"a": -1, "b": 2}, lambda w: nn.init.uniform_(w, -1, 2)),
    (
        "kaiming",
        kaiming_init,
        {},
        lambda w: nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"),
    ),
    (
        "kaiming uniform",
        kaiming_init,
        {
            "a": 0.2,
            "mode": "fan_in",
            "nonlinearity": "leaky_relu",
            "distribution": "uniform",
        },
        lambda w: nn.init.kaiming_uniform_(w, 0.2, "fan_in", "leaky_relu"),
    ),
]


@pytest.mark.parametrize(("init", "arguments", "wanted"), [case[1:] for case in CASES])
def test_weights_are_those_that_torch_draws(
    init: Callable[..., None], arguments: Any, wanted: Callable[[Tensor], Any]
) -> None:
    layer, plain = nn.Conv2d(3, 8, 3), nn.Conv2d(3, 8, 3)
    torch.manual_seed(5)
    init(layer, bias=0.25, **arguments)
    torch.manual_seed(5)
    wanted(plain.weight)
    assert torch.equal(layer.weight, plain.weight)
    assert (layer.bias == 0.25).all()


def test_caffe2s_xavier_is_even_up_to_the_root_of_three_over_fan_in() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(300, 400)
    caffe2_xavier_init(layer, bias=1)
    bound = math.sqrt(3 / 300)
    assert layer.weight.abs().max().item() == pytest.approx(bound, rel=1e-3)
    assert layer.weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=1e-2)
    assert (layer.bias == 1).all()


@pytest.mark.parametrize("probability", [0.01, 0.5, 0.99])
def test_the_sigmoid_of_the_bias_is_the_probability(probability: float) -> None:
    bias = torch.tensor(bias_init_with_prob(probability), dtype=torch.float64)
    assert bias.sigmoid().item() == pytest.approx(probability, abs=1e-12)


@pytest.mark.parametrize("probability", [0, 1, -0.5])
def test_what_is_no_probability_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        bias_init_with_prob(probability)


@pytest.mark.parametrize("init", [xavier_init, kaiming_init])
def test_another_distribution_is_refused(init: Callable[..., None]) -> None:
    with pytest.raises(ValueError, match="'uniform' or 'normal', got 'even'"):
        init(nn.Linear(1, 1), distribution="even")


def test_a_layer_may_lack_weight_or_bias() -> None:
    constant_init(nn.ReLU(), 1)
    layer = nn.Linear(2, 2, bias=False)
    constant_init(layer, 1)
    assert (layer.weight == 1).all()
    constant_init(nn.BatchNorm2d(3, affine=False), 1)


def test_a_tensor_is_drawn_as_a_layer_is_and_returned() -> None:
    layer, tensor = nn.Linear(3, 2), nn.Parameter(torch.zeros(2, 3))
    torch.manual_seed(5)
    trunc_normal_init(layer, std=0.02)
    torch.manual_seed(5)
    assert trunc_normal_(tensor, std=0.02) is tensor
    assert tensor.requires_grad and torch.equal(layer.weight, tensor)
