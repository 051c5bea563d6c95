"""States of torchao's 8-bit and 4-bit optimizers: plain in checkpoints, small in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from engine_dist.shards import is_sharded, local, spread_from

__all__ = ["is_low_precision", "made_small", "plain_states"]


def is_low_precision(optimizer: Any) -> bool:
    """Whether an optimizer is one of torchao's, which keep their states in few bits."""
    return type(optimizer).__module__.startswith("torchao") and hasattr(optimizer, "_new_buffer")


def plain_states(state: Any) -> Any:
    """Return an optimizer's state with what is kept in few bits as numbers of its dtype.

    Checkpoints hold these: they load without torchao, and into another optimizer of the kind.
    """
    if isinstance(state, Tensor):
        return _plain(state)
    if isinstance(state, Mapping):
        return {key: plain_states(each) for key, each in state.items()}
    if isinstance(state, list | tuple):
        return type(state)(plain_states(each) for each in state)
    return state


def _plain(tensor: Tensor) -> Tensor:
    own: Any = local(tensor)
    if not type(own).__module__.startswith("torchao"):
        return tensor
    return spread_from(own.dequantize(), tensor)


@torch.no_grad()
def made_small(optimizer: Any) -> None:
    """Put the states of an optimizer, plain since they were loaded, into few bits again."""
    for group in optimizer.param_groups:
        for param in group["params"]:
            state = optimizer.state.get(param, {})
            for name, value in state.items():
                if not isinstance(value, Tensor) or value.shape != param.shape or not value.ndim:
                    continue
                # the second moment and its maximum are never negative
                made = optimizer._new_buffer(param, "_sq" not in name)
                _put(made, value)
                state[name] = made


def _put(made: Any, value: Any) -> None:
    """Copy into what may be kept in few bits, part into part."""
    local(made).copy_(local(value) if is_sharded(value) else value)
