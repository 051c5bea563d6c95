"""Names of MMEngine's `mmengine.analysis.jit_handles`, from engine_model.analysis.

What handles get is no graph of a trace here, but tensors and numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from torch import Tensor

from engine_model.analysis.flop_formulas import (
    batch_norm,
    convolution,
    elementwise,
    matrices,
    normalisation,
)

__all__ = [
    "Handle",
    "addmm_flop_jit",
    "batchnorm_flop_jit",
    "bmm_flop_jit",
    "conv_flop_jit",
    "elementwise_flop_counter",
    "generic_activation_jit",
    "get_shape",
    "linear_flop_jit",
    "matmul_flop_jit",
    "norm_flop_counter",
]

Handle = Callable[[list[Any], list[Any]], Counter[str] | float]

addmm_flop_jit = matrices(1)
bmm_flop_jit = matmul_flop_jit = matrices(0)
batchnorm_flop_jit, conv_flop_jit = batch_norm, convolution
elementwise_flop_counter, norm_flop_counter = elementwise, normalisation


def get_shape(val: Any) -> list[int] | None:
    """Return the shape of a tensor; None of anything else."""
    return [*val.shape] if isinstance(val, Tensor) else None


def linear_flop_jit(inputs: list[Any], outputs: list[Any]) -> int:
    """Of a linear layer: its input (..., D) and weight (E, D)."""
    x, weight = inputs[:2]
    return int(x.numel() * weight.shape[0])


def generic_activation_jit(
    op_name: str | None = None,
) -> Callable[[list[Any], list[Any]], Counter[str] | int]:
    """Return a handle that counts the elements of the first output.

    Args:
        op_name: the name under which they are counted.
    """

    def count(inputs: list[Any], outputs: list[Any]) -> Counter[str] | int:
        number = int(outputs[0].numel())
        return number if op_name is None else Counter({op_name: number})

    return count
