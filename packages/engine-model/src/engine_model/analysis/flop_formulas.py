"""FLOP formulas: operations that single operators take, by their inputs and outputs."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

__all__ = ["attention", "batch_norm", "convolution", "elementwise", "matrices", "normalisation"]


def matrices(first: int) -> Callable[[list[Any], list[Any]], int]:
    """Of a product of two matrices, or of batches of them."""

    def count(inputs: list[Any], outputs: list[Any]) -> int:
        left, right = inputs[first : first + 2]
        return int(left.numel() * right.shape[-1])

    return count


def convolution(inputs: list[Any], outputs: list[Any]) -> int:
    """Of a convolution, also a transposed one."""
    x, weight = inputs[:2]
    is_transposed = bool(inputs[6])
    positions = x.shape[2:] if is_transposed else outputs[0].shape[2:]
    return int(x.shape[0] * prod(weight.shape) * prod(positions))


def normalisation(weight: int) -> Callable[[list[Any], list[Any]], int]:
    """Of a layer or group normalisation, whose weight is the input of this number."""

    def count(inputs: list[Any], outputs: list[Any]) -> int:
        return int(inputs[0].numel() * (4 if inputs[weight] is None else 5))

    return count


def batch_norm(inputs: list[Any], outputs: list[Any]) -> int:
    """Of a batch normalisation."""
    if any(each is True for each in inputs):  # the statistics are those of this batch
        return normalisation(1)(inputs, outputs)
    return int(inputs[0].numel() * (1 if inputs[1] is None else 2))


def attention(inputs: list[Any], outputs: list[Any]) -> int:
    """Of queries (..., L, E), keys (..., S, E) and values (..., S, V): two products."""
    query, key, value = inputs[:3]
    return int(prod(query.shape[:-1]) * key.shape[-2] * (query.shape[-1] + value.shape[-1]))


def elementwise(of_input: int, of_output: int) -> Callable[[list[Any], list[Any]], int]:
    """So many for each element of the first input, and of the first output."""

    def count(inputs: list[Any], outputs: list[Any]) -> int:
        return int(of_input * inputs[0].numel() + of_output * outputs[0].numel())

    return count
