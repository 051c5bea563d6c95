"""Initialisations of a module's ``weight`` and ``bias``, where it has them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

__all__ = [
    "bias_init_with_prob",
    "caffe2_xavier_init",
    "constant_init",
    "kaiming_init",
    "normal_init",
    "trunc_normal_",
    "trunc_normal_init",
    "uniform_init",
    "xavier_init",
]


def _fill(module: nn.Module, bias: float, fill: Callable[[Tensor], Any]) -> None:
    weight, offset = getattr(module, "weight", None), getattr(module, "bias", None)
    if isinstance(weight, Tensor):
        fill(weight)
    if isinstance(offset, Tensor):
        nn.init.constant_(offset, bias)


def _check_distribution(distribution: str) -> None:
    if distribution not in ("uniform", "normal"):
        raise ValueError(f"distribution must be 'uniform' or 'normal', got {distribution!r}")


def constant_init(module: nn.Module, val: float, bias: float = 0) -> None:
    """Set the weight to ``val`` and the bias to ``bias``."""
    _fill(module, bias, lambda weight: nn.init.constant_(weight, val))


def xavier_init(
    module: nn.Module, gain: float = 1, bias: float = 0, distribution: str = "normal"
) -> None:
    """Draw the weight so that variances stay equal forwards and backwards.

    Source: Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010.

    Args:
        module: a layer.
        gain: factor on the standard deviation.
        bias: value of the bias.
        distribution: "normal" or "uniform".

    Raises:
        ValueError: ``distribution`` is neither.
    """
    _check_distribution(distribution)
    draw = nn.init.xavier_uniform_ if distribution == "uniform" else nn.init.xavier_normal_
    _fill(module, bias, lambda weight: draw(weight, gain=gain))


def normal_init(module: nn.Module, mean: float = 0, std: float = 1, bias: float = 0) -> None:
    """Draw the weight of ``module`` from a normal distribution, and set the bias.

    Args:
        module: a layer.
        mean: of the distribution.
        std: its standard deviation.
        bias: value of the bias.
    """
    _fill(module, bias, lambda weight: nn.init.normal_(weight, mean, std))


def trunc_normal_init(
    module: nn.Module,
    mean: float = 0,
    std: float = 1,
    a: float = -2,
    b: float = 2,
    bias: float = 0,
) -> None:
    """Draw the weight from a normal distribution cut off at ``a`` and ``b``, and set the bias.

    See `trunc_normal_`.

    Args:
        module: a layer.
        mean: of the normal distribution, before it is cut off.
        std: its standard deviation.
        a: the least value.
        b: the largest value.
        bias: value of the bias.
    """
    _fill(module, bias, lambda weight: trunc_normal_(weight, mean, std, a, b))


@torch.no_grad()
def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0
) -> Tensor:
    """Fill ``tensor`` from a normal distribution cut off at ``a`` and ``b``, and return it.

    It is drawn by the inverse of the distribution function, one uniform number for each value,
    so that a seed gives MMEngine's weights; torch's own function draws in another way since 2.13.

    Args:
        tensor: the tensor, which is changed.
        mean: of the normal distribution, before it is cut off.
        std: its standard deviation.
        a: the least value.
        b: the largest value.
    """
    low, high = (math.erf((end - mean) / (std * math.sqrt(2))) for end in (a, b))
    tensor.uniform_(low, high).erfinv_().mul_(std * math.sqrt(2)).add_(mean)
    return tensor.clamp_(a, b)  # rounding may lead out of them


def uniform_init(module: nn.Module, a: float = 0, b: float = 1, bias: float = 0) -> None:
    """Draw the weight of ``module`` evenly from ``a`` to ``b``, and set the bias."""
    _fill(module, bias, lambda weight: nn.init.uniform_(weight, a, b))


def kaiming_init(
    module: nn.Module,
    a: float = 0,
    mode: str = "fan_out",
    nonlinearity: str = "relu",
    bias: float = 0,
    distribution: str = "normal",
) -> None:
    """Draw the weight so that variances pass a rectifier unchanged.

    Source: He et al., "Delving deep into rectifiers", arXiv:1502.01852.

    Args:
        module: a layer.
        a: slope of the rectifier below 0; only for "leaky_relu".
        mode: "fan_in" keeps the variance of activations, "fan_out" that of gradients.
        nonlinearity: as torch's `calculate_gain` names it.
        bias: value of the bias.
        distribution: "normal" or "uniform".

    Raises:
        ValueError: ``distribution`` is neither, or torch doesn't know ``nonlinearity``.
    """
    _check_distribution(distribution)
    draw: Any = nn.init.kaiming_uniform_ if distribution == "uniform" else nn.init.kaiming_normal_
    _fill(module, bias, lambda weight: draw(weight, a=a, mode=mode, nonlinearity=nonlinearity))


def caffe2_xavier_init(module: nn.Module, bias: float = 0) -> None:
    """Initialise as Caffe2's "XavierFill": evenly, up to sqrt(3 / fan_in)."""
    kaiming_init(module, 1, "fan_in", "leaky_relu", bias=bias, distribution="uniform")


def bias_init_with_prob(prior_prob: float) -> float:
    """Return the bias at which a sigmoid gives ``prior_prob``.

    Raises:
        ValueError: it doesn't lie in (0, 1).
    """
    if not 0 < prior_prob < 1:
        raise ValueError(f"a probability lies between 0 and 1, got {prior_prob!r}")
    return -math.log((1 - prior_prob) / prior_prob)
