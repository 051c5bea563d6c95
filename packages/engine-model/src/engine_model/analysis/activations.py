"""Activations: how many numbers convolutions and products of matrices give (arXiv:2003.13678)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from torch import nn

from engine_model.analysis.analyzer import Handle, ModelAnalyzer, in_units

__all__ = ["ActivationAnalyzer", "activation_count"]


def _size(inputs: list[Any], outputs: list[Any]) -> int:
    return int(outputs[0].numel())


_HANDLES: Final[Mapping[str, Handle]] = {
    f"aten::{name}": _size
    for name in (
        *("addmm", "mm", "bmm", "baddbmm", "convolution"),
        *("_scaled_dot_product_flash_attention", "_scaled_dot_product_flash_attention_for_cpu"),
        *("_scaled_dot_product_efficient_attention", "_scaled_dot_product_cudnn_attention"),
    )
}


class ActivationAnalyzer(ModelAnalyzer):
    """Counts the elements of what convolutions, linear layers and matrix products give."""

    handles: ClassVar[Mapping[str, Handle]] = _HANDLES

    def __init__(self, model: nn.Module, inputs: Any) -> None:
        super().__init__(model, inputs)
        self.unsupported_ops_warnings(False)  # anything else is left out on purpose


def activation_count(
    model: nn.Module, inputs: tuple[Any, ...], supported_ops: dict[str, Any] | None = None
) -> tuple[defaultdict[str, float], Counter[str]]:
    """Return 10^6 activations by operator, and operators without a known count.

    Args:
        model: the model.
        inputs: its positional arguments.
        supported_ops: further counts by operator; see `ModelAnalyzer.set_op_handle`.
    """
    return in_units(ActivationAnalyzer(model, inputs), supported_ops, unit=1e6)
