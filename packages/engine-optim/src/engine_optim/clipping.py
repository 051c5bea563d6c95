"""Clipping of gradients, also of those that are spread over processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from engine_dist.shards import any_sharded, is_sharded, local

__all__ = ["CLIP", "clip_norm", "clip_value", "clipping_of"]


def clip_norm(parameters: Sequence[Tensor], max_norm: float, **options: Any) -> Tensor:
    """Scale gradients so that their norm, all together, is at most ``max_norm``; return the norm.

    Args:
        parameters: whose gradients; spread in any way, each in its own, or not at all.
        max_norm: the most.
        options: of torch's ``clip_grad_norm_``: ``norm_type``, ``error_if_nonfinite``, ``foreach``.
    """
    gradients = [each.grad for each in parameters if each.grad is not None]
    if not any_sharded(gradients):
        return clip_grad_norm_(parameters, max_norm, **options)
    return _clip_spread(parameters, gradients, max_norm, **options)


def clip_value(parameters: Sequence[Tensor], clip_value: float, **options: Any) -> None:
    """Bring every number of the gradients into [-clip_value, clip_value].

    Args:
        parameters: whose gradients.
        clip_value: the bound.
        options: of torch's ``clip_grad_value_``.
    """
    if not any_sharded(parameters):
        clip_grad_value_(parameters, clip_value, **options)
        return
    for each in parameters:
        if each.grad is not None:
            local(each.grad).clamp_(-clip_value, clip_value)


CLIP: Final[dict[str, Callable[..., Tensor | None]]] = {"norm": clip_norm, "value": clip_value}


def _clip_spread(
    parameters: Sequence[Tensor],
    gradients: list[Tensor],
    max_norm: float,
    *,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    groups: dict[Any, list[Tensor]] = {}  # torch has no norm of tensors on different meshes
    for each in gradients:
        spread: Any = each
        key = (spread.device_mesh, spread.placements) if is_sharded(each) else None
        groups.setdefault(key, []).append(each)
    norms = [_norm(each, norm_type, foreach=foreach) for each in groups.values()]
    device = norms[0].device
    total: Tensor = torch.linalg.vector_norm(
        torch.stack([each.to(device) for each in norms]), norm_type
    )
    if error_if_nonfinite and not bool(total.isfinite()):
        raise RuntimeError(
            f"the norm of order {norm_type} of the gradients is {total.item()}, so that they can't "
            "be clipped; to go on with them, set error_if_nonfinite=False"
        )
    scale = (max_norm / (total + 1e-6)).clamp(max=1.0)
    by_device: dict[torch.device, list[Tensor]] = {}
    for each in gradients:
        by_device.setdefault(each.device, []).append(local(each))
    for place, parts in by_device.items():
        torch._foreach_mul_(parts, scale.to(place))
    return total


def _norm(gradients: list[Tensor], norm_type: float, *, foreach: bool | None) -> Tensor:
    """The norm of gradients that are spread in the same way, over all processes."""
    total: Any = torch.nn.utils.get_total_norm(gradients, norm_type, False, foreach)
    found: Tensor = total.full_tensor() if is_sharded(total) else total
    return found


def clipping_of(clip_grad: dict[str, Any] | None) -> tuple[dict[str, Any], Any, str]:
    """Return arguments and function of a clipping, and the name by which its norm is logged."""
    if clip_grad is None:
        return {}, None, ""
    if not isinstance(clip_grad, dict) or not clip_grad:
        raise TypeError(f"clip_grad must be a dict such as dict(max_norm=1), got {clip_grad!r}")
    arguments = dict(clip_grad)
    kind = arguments.pop("type", "norm")
    if kind not in CLIP:
        raise ValueError(f"clip_grad: type is 'norm' or 'value', got {kind!r}")
    return arguments, CLIP[kind], f"grad_{kind}"
