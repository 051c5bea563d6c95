"""Sharded entries: which tensors of a checkpoint are spread over processes as weights are."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from engine_checkpoint import Like
from engine_dist.shards import is_sharded, tensors_of
from engine_dist.wrapping import without_wrapper

__all__ = ["spread_as"]


def spread_as(model: nn.Module) -> Like:
    """Return what tells, of a tensor in a checkpoint, the weight of ``model`` it is spread like.

    That is the weight whose name is a part of its place, if it has the same shape: itself, its
    average, and what an optimizer keeps of it.
    """
    inner: nn.Module = without_wrapper(model)
    weights: dict[str, Tensor] = {
        name: each for name, each in tensors_of(inner).items() if is_sharded(each)
    }

    def like(place: Any, shape: tuple[int, ...]) -> Tensor | None:
        for part in place:
            weight = weights.get(str(part).removeprefix("module."))
            if weight is not None and tuple(weight.shape) == shape:
                return weight
        return None

    return like
