"""Whether what an optimizer has taken over is such as its next step needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor

from engine_runner.strategy.base import optimizers_of

__all__ = ["check_states"]

# What needs a device, a trace or a compiler is left out where an optimizer is only looked at.
_PLAIN: Final = dict.fromkeys(("foreach", "fused", "capturable", "differentiable"), False)
_SIZE: Final = 3  # of each dimension of a parameter to look with
_MAY_LACK: Final = frozenset({"momentum_buffer"})  # which SGD makes anew


def check_states(optim_wrapper: Any) -> None:
    """Refuse states that torch's own optimizers have taken over and would fail with.

    What an optimizer keeps for a parameter is compared with what a new one of its class keeps for
    a small parameter after a step: its names, which of them are tensors, and of what shape.

    Args:
        optim_wrapper: one wrapper, or several by name, after it has taken over a state.

    Raises:
        ValueError: it is another optimizer's, or damaged; the message says where.
    """
    for optimizer in optimizers_of(optim_wrapper):
        if not f"{type(optimizer).__module__}.".startswith("torch.optim."):
            continue
        for number, group in enumerate(optimizer.param_groups):
            _check_group(optimizer, group, f"param_groups[{number}]")


def _check_group(optimizer: Any, group: Mapping[str, Any], place: str) -> None:
    kind = type(optimizer).__name__
    lacking = [key for key in optimizer.defaults if key not in group and key not in _PLAIN]
    if lacking:
        raise ValueError(f"its {place} has no {lacking[0]!r}, which {kind} needs")
    expected: dict[int, Mapping[str, Any]] = {}
    for index, param in enumerate(group["params"]):
        state = optimizer.state.get(param)
        if not state:
            continue
        if param.ndim not in expected:
            expected[param.ndim] = _after_a_step(optimizer, group, param)
        for key, value in expected[param.ndim].items():
            if key not in state and key not in _MAY_LACK:
                raise ValueError(f"{kind} keeps {key!r} of each parameter, and it holds none")
            wrong = _what_is_wrong(key, state.get(key), like=value, param=param)
            if wrong:
                raise ValueError(f"{key!r} of parameter {index} of {place} is {wrong}")


def _what_is_wrong(key: str, value: Any, *, like: Any, param: Tensor) -> str:
    if value is None and (like is None or key in _MAY_LACK):
        return ""
    if not isinstance(like, Tensor):
        fits = like is None or isinstance(value, type(like) | int | float | Tensor)
        return "" if fits else f"{value!r:.60}"
    if not isinstance(value, Tensor):
        is_number = not like.ndim and isinstance(value, int | float)
        return "" if is_number and not isinstance(value, bool) else f"{value!r:.60}"
    if value.is_complex() and not param.is_complex():
        return "complex"
    wanted = param.shape if like.shape == (_SIZE,) * param.ndim else None
    if like.ndim and wanted is None:
        return "" if value.ndim == like.ndim else f"of shape {tuple(value.shape)}"
    right = value.shape == wanted if like.ndim or param.ndim == 0 else value.numel() == 1
    return "" if right else f"of shape {tuple(value.shape)}"


def _after_a_step(optimizer: Any, group: Mapping[str, Any], param: Tensor) -> Mapping[str, Any]:
    """What an optimizer of this class keeps for a small parameter; nothing if it can't be asked."""
    settings = {key: value for key, value in group.items() if key in optimizer.defaults}
    settings |= {key: value for key, value in _PLAIN.items() if key in settings}
    small = torch.zeros((_SIZE,) * param.ndim, dtype=param.dtype, requires_grad=True)
    small.grad = torch.zeros_like(small)
    try:
        other = type(optimizer)([{"params": [small], **settings}])
        other.step()
        found: Mapping[str, Any] = other.state[small]
    except Exception:  # it wants a closure, sparse gradients, or a device
        return {}
    return found
