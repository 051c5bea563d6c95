"""Floating-point operations; a multiplication and its addition count as one.

That is the convention of papers on vision models, and of fvcore, whose rules for normalisation
(5 operations an element in training, 4 without weights; 2 and 1 with frozen statistics), resampling
(4 an element of the output, 1 with the nearest neighbour) and pooling (1 an element) are taken,
too. Other elementwise arithmetic counts nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from torch import nn

from engine_model.analysis.analyzer import Handle, ModelAnalyzer, in_units
from engine_model.analysis.flop_formulas import (
    attention,
    batch_norm,
    convolution,
    elementwise,
    matrices,
    normalisation,
)

__all__ = ["FlopAnalyzer", "flop_count"]

_HANDLES: Final[Mapping[str, Handle]] = {
    "aten::addmm": matrices(1),
    "aten::baddbmm": matrices(1),
    "aten::mm": matrices(0),
    "aten::bmm": matrices(0),
    "aten::convolution": convolution,
    "aten::native_layer_norm": normalisation(2),
    "aten::native_group_norm": normalisation(1),
    "aten::_batch_norm_with_update": normalisation(1),
    **{
        f"aten::{name}": batch_norm
        for name in (
            *("native_batch_norm", "_native_batch_norm_legit", "_batch_norm_no_update"),
            *("_native_batch_norm_legit_no_training", "cudnn_batch_norm", "miopen_batch_norm"),
        )
    },
    **{
        f"aten::_scaled_dot_product_{kind}": attention
        for kind in (
            *("flash_attention", "flash_attention_for_cpu", "efficient_attention"),
            *("cudnn_attention", "fused_attention_overrideable"),
        )
    },
    **{f"aten::adaptive_avg_pool{n}d": elementwise(1, 0) for n in (1, 2, 3)},
    **{f"aten::_adaptive_avg_pool{n}d": elementwise(1, 0) for n in (2, 3)},
    **{f"aten::avg_pool{n}d": elementwise(0, 1) for n in (1, 2, 3)},
    **{
        f"aten::{name}": elementwise(0, 4)
        for name in (
            *("grid_sampler_2d", "grid_sampler_3d", "upsample_bilinear2d", "upsample_bicubic2d"),
            *("upsample_linear1d", "upsample_trilinear3d", "_upsample_bilinear2d_aa"),
        )
    },
    **{f"aten::upsample_nearest{n}d": elementwise(0, 1) for n in (1, 2, 3)},
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
