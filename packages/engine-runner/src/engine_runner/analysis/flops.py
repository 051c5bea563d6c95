"""Floating-point operations; a multiplication and its addition count as one.

That is the convention of papers on vision models, and of fvcore, whose rules for normalisation
(5 operations an element in training, 4 without weights; 2 and 1 with frozen statistics), resampling
(4 an element of the output) and pooling (1 an element) are taken, too. Other elementwise arithmetic
counts nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from math import prod
from typing import Any, ClassVar, Final

from torch import nn

from engine_runner.analysis.analyzer import Handle, ModelAnalyzer, in_units

__all__ = ["FlopAnalyzer", "flop_count"]


def _matrices(first: int) -> Callable[[list[Any], list[Any]], int]:
    """Of a product of two matrices, or of batches of them."""

    def count(inputs: list[Any], outputs: list[Any]) -> int:
        left, right = inputs[first : first + 2]
        return int(left.numel() * right.shape[-1])

    return count


def _convolution(inputs: list[Any], outputs: list[Any]) -> int:
    x, weight = inputs[:2]
    is_transposed = bool(inputs[6])
    positions = x.shape[2:] if is_transposed else outputs[0].shape[2:]
    return int(x.shape[0] * prod(weight.shape) * prod(positions))


def _normalisation(weight: int) -> Callable[[list[Any], list[Any]], int]:
    def count(inputs: list[Any], outputs: list[Any]) -> int:
        return int(inputs[0].numel() * (4 if inputs[weight] is None else 5))

    return count


def _batch_norm(inputs: list[Any], outputs: list[Any]) -> int:
    if any(each is True for each in inputs):  # the statistics are those of this batch
        return _normalisation(1)(inputs, outputs)
    return int(inputs[0].numel() * (1 if inputs[1] is None else 2))


def _attention(inputs: list[Any], outputs: list[Any]) -> int:
    """Of queries (..., L, E), keys (..., S, E) and values (..., S, V): two products."""
    query, key, value = inputs[:3]
    return int(prod(query.shape[:-1]) * key.shape[-2] * (query.shape[-1] + value.shape[-1]))


def _elementwise(of_input: int, of_output: int) -> Callable[[list[Any], list[Any]], int]:
    def count(inputs: list[Any], outputs: list[Any]) -> int:
        return int(of_input * inputs[0].numel() + of_output * outputs[0].numel())

    return count


_HANDLES: Final[Mapping[str, Handle]] = {
    "aten::addmm": _matrices(1),
    "aten::baddbmm": _matrices(1),
    "aten::mm": _matrices(0),
    "aten::bmm": _matrices(0),
    "aten::convolution": _convolution,
    "aten::native_layer_norm": _normalisation(2),
    "aten::native_group_norm": _normalisation(1),
    "aten::_batch_norm_with_update": _normalisation(1),
    **{
        f"aten::{name}": _batch_norm
        for name in (
            *("native_batch_norm", "_native_batch_norm_legit", "_batch_norm_no_update"),
            *("_native_batch_norm_legit_no_training", "cudnn_batch_norm", "miopen_batch_norm"),
        )
    },
    **{
        f"aten::_scaled_dot_product_{kind}": _attention
        for kind in (
            *("flash_attention", "flash_attention_for_cpu", "efficient_attention"),
            *("cudnn_attention", "fused_attention_overrideable"),
        )
    },
    **{f"aten::adaptive_avg_pool{n}d": _elementwise(1, 0) for n in (1, 2, 3)},
    **{f"aten::_adaptive_avg_pool{n}d": _elementwise(1, 0) for n in (2, 3)},
    **{f"aten::avg_pool{n}d": _elementwise(0, 1) for n in (1, 2, 3)},
    **{
        f"aten::{name}": _elementwise(0, 4)
        for name in (
            *("grid_sampler_2d", "grid_sampler_3d", "upsample_bilinear2d", "upsample_bicubic2d"),
            *("upsample_linear1d", "upsample_trilinear3d", "_upsample_bilinear2d_aa"),
        )
    },
    **{f"aten::upsample_nearest{n}d": None for n in (1, 2, 3)},
}


class FlopAnalyzer(ModelAnalyzer):
    """Counts floating-point operations: multiplications with their additions as one."""

    handles: ClassVar[Mapping[str, Handle]] = _HANDLES


def flop_count(
    model: nn.Module, inputs: tuple[Any, ...], supported_ops: dict[str, Any] | None = None
) -> tuple[defaultdict[str, float], Counter[str]]:
    """Return 10^9 floating-point operations by operator, and operators without a known count.

    Args:
        model: the model.
        inputs: its positional arguments.
        supported_ops: further counts by operator; see `ModelAnalyzer.set_op_handle`.
    """
    return in_units(FlopAnalyzer(model, inputs), supported_ops, unit=1e9)
