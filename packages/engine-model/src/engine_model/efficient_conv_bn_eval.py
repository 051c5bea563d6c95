"""Convolution and frozen batch normalisation as one convolution, which saves memory and time.

In evaluation mode batch normalisation scales and shifts each channel by constants, which can as
well be done to the weights of the convolution before it: what lies between the two is never
stored, and gradients still reach both (You et al., arXiv:2305.11624). Training mode is as before.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any, Final

import torch
from torch import Tensor, fx, nn
from torch.nn.modules.batchnorm import _BatchNorm

__all__ = ["turn_on_efficient_conv_bn_eval", "turn_on_efficient_conv_bn_eval_for_single_model"]

_CONVOLUTIONS: Final = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


def turn_on_efficient_conv_bn_eval(model: nn.Module, modules: list[str] | str) -> None:
    """Join convolutions and batch normalisations in parts of a model.

    Args:
        model: the model.
        modules: names of the parts, such as "backbone"; "" is the whole model.

    Raises:
        AttributeError: the model has no such part.
        ValueError: a part's `forward` can't be traced.
    """
    names = [modules] if isinstance(modules, str) else modules
    parts = dict(model.named_modules(remove_duplicate=False))
    for name in names:
        if name not in parts:
            children = ", ".join(key for key, _ in model.named_children())
            raise AttributeError(
                f"efficient_conv_bn_eval: {type(model).__name__} has no module {name!r}; there are "
                f"{children or 'none'}"
            )
        try:
            turn_on_efficient_conv_bn_eval_for_single_model(parts[name])
        except Exception as error:
            raise ValueError(
                f"efficient_conv_bn_eval: torch.fx can't trace {name or 'the model'!r} "
                f"({type(parts[name]).__name__}): {error}. Name the parts of it that are plain "
                "networks"
            ) from error


def turn_on_efficient_conv_bn_eval_for_single_model(model: nn.Module) -> None:
    """Join each convolution with the batch normalisation that alone reads it.

    They are found by tracing ``model.forward`` with torch.fx, as the model's mode is now; modules
    that it uses more than once are left alone. Names, types and weights of all modules stay.
    """
    for conv, norm in _pairs(model):
        # Not closures: a copy of the model has to use its own weights.
        vars(conv)["forward"] = partial(_joined, conv, norm)
        vars(norm)["forward"] = partial(_left, norm)


def _pairs(model: nn.Module) -> list[tuple[nn.Module, nn.Module]]:
    modules = dict(model.named_modules(remove_duplicate=False))
    calls = [node for node in fx.Tracer().trace(model).nodes if node.op == "call_module"]
    times = Counter(id(modules[str(node.target)]) for node in calls)
    found = []
    for node in calls:
        before = node.args[0] if len(node.args) == 1 and not node.kwargs else None
        if not isinstance(before, fx.Node) or before.op != "call_module" or len(before.users) > 1:
            continue
        conv, norm = modules[str(before.target)], modules[str(node.target)]
        once = times[id(conv)] == times[id(norm)] == 1
        if once and type(conv) in _CONVOLUTIONS and _is_foldable(norm) and not _is_touched(conv):
            found.append((conv, norm))
    return found


def _is_foldable(norm: nn.Module) -> bool:
    kept = isinstance(norm, _BatchNorm) and isinstance(norm.running_mean, Tensor)
    return kept and "forward" not in vars(norm)


def _is_touched(conv: nn.Module) -> bool:
    """Whether something else looks at the output, or has another forward in its place."""
    return bool(conv._forward_hooks) or "forward" in vars(conv)


def _left(norm: Any, inputs: Tensor) -> Tensor:
    """What remains for the batch normalisation: nothing, where the convolution has done it."""
    if not norm.training:
        return inputs
    output: Tensor = type(norm).forward(norm, inputs)
    return output


def _joined(conv: Any, norm: Any, inputs: Tensor) -> Tensor:
    """The convolution, with the normalisation in its weights."""
    output: Tensor
    if norm.training:
        output = type(conv).forward(conv, inputs)
        return output
    factor = torch.rsqrt(norm.running_var + norm.eps)  # (C,)
    if norm.weight is not None:
        factor = factor * norm.weight
    shift = -norm.running_mean if conv.bias is None else conv.bias - norm.running_mean
    shift = shift * factor if norm.bias is None else torch.addcmul(norm.bias, shift, factor)
    weight = conv.weight * factor.view(-1, *[1] * (conv.weight.dim() - 1))  # (C, C_in, ...)
    output = conv._conv_forward(inputs, weight, shift)
    return output
