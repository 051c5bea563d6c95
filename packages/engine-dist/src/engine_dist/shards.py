"""Tensors that are spread over processes (torch's DTensor): whole ones, own parts, local ones.

A tensor is recognised by what it can do, so that nobody who has none imports anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine_dist import is_main_process

__all__ = [
    "any_sharded",
    "gathered",
    "is_sharded",
    "local",
    "part_of",
    "region_of",
    "settle",
    "spread_from",
    "tensors_of",
    "whole",
]


def is_sharded(value: Any) -> bool:
    """Whether ``value`` is a tensor of which each process may have only a part."""
    return isinstance(value, Tensor) and hasattr(value, "full_tensor")


def any_sharded(values: Iterable[Any]) -> bool:
    """Whether one of ``values`` is such a tensor."""
    return any(is_sharded(value) for value in values)


def local(tensor: Any) -> Tensor:
    """Return what this process has of a tensor, in the same memory: of a plain one, itself."""
    found: Tensor = tensor.to_local() if is_sharded(tensor) else tensor
    return found


@torch.no_grad()
def whole(tensor: Any) -> Tensor:
    """Return all of a tensor; every process of its mesh has to call it."""
    if not is_sharded(tensor):
        plain: Tensor = tensor.detach()
        return plain
    mesh = tensor.device_mesh
    value = tensor.detach()
    if value.device.type != mesh.device_type:  # offloaded: groups talk through their device
        value = value.to(mesh.device_type)
    for step in _steps(value.placements):
        value = value.redistribute(placements=step)
    found: Tensor = value.to_local()
    return found


def _steps(placements: Any) -> Iterator[list[Any]]:
    """Placements on the way to a whole tensor, with one message each.

    Dimensions of a mesh that split the same dimension of the tensor do it one after the other:
    the last one split is put together first.
    """
    from torch.distributed.tensor import Replicate

    now = list(placements)
    strided = [dim for dim, each in enumerate(now) if hasattr(each, "split_factor")]
    for dim in [*strided, *(each for each in reversed(range(len(now))) if each not in strided)]:
        if not now[dim].is_replicate():
            now[dim] = Replicate()
            yield list(now)


@torch.no_grad()
def part_of(tensor: Tensor, like: Any) -> Tensor:
    """Return ``tensor``, which all processes have, spread as ``like`` is; nothing is sent.

    Args:
        tensor: all of it, on any device; a plain one, or already spread.
        like: the tensor whose mesh, placements, device and dtype are to be those of the result.
    """
    if not is_sharded(like):
        return whole(tensor).to(device=like.device, dtype=like.dtype)
    if is_sharded(tensor):
        spread: Any = tensor
        spread = spread.redistribute(like.device_mesh, like.placements)
        return torch.as_tensor(spread.to(device=like.device, dtype=like.dtype))
    return spread_from(tensor.detach()[region_of(like)].clone(), like)


def region_of(like: Any) -> tuple[slice, ...]:
    """Return which part of the whole of ``like`` this process has; of a plain tensor, all."""
    if not is_sharded(like):
        return tuple(slice(None) for _ in like.shape)
    from torch.distributed.tensor._utils import compute_local_shape_and_global_offset

    shape, offset = compute_local_shape_and_global_offset(
        like.shape, like.device_mesh, like.placements
    )
    places = zip(offset, shape, strict=True)
    return tuple(slice(begin, begin + size) for begin, size in places)


def spread_from(own: Tensor, like: Any) -> Tensor:
    """Return the tensor that is spread as ``like`` is, and of which this process has ``own``."""
    own = own.to(device=like.device, dtype=like.dtype).contiguous()
    if not is_sharded(like):
        return own
    from torch.distributed.tensor import DTensor

    return DTensor.from_local(
        own,
        like.device_mesh,
        like.placements,
        run_check=False,
        shape=like.shape,
        stride=like.stride(),
    )


def gathered(value: Any, *, on_cpu: bool = True) -> Any:
    """Return plain data and tensors with every tensor whole: on the main rank alone.

    One tensor after the other is put together, so that beside the result, which is the main
    rank's, only one at a time is held. Every process has to call it, with the same names.

    Args:
        value: mappings and sequences of tensors and other values.
        on_cpu: whether plain tensors are moved to the CPU; those that were spread always are.

    Returns:
        The same on the main rank; elsewhere it holds no tensor.
    """
    if isinstance(value, Tensor):
        return _kept(value, on_cpu=on_cpu)
    if isinstance(value, Mapping):
        found = {key: gathered(each, on_cpu=on_cpu) for key, each in value.items()}
        return {key: each for key, each in found.items() if each is not _NOTHING}
    if isinstance(value, list | tuple):
        parts = [gathered(each, on_cpu=on_cpu) for each in value]
        return type(value)(each for each in parts if each is not _NOTHING)
    return value


_NOTHING = object()


def _kept(tensor: Tensor, *, on_cpu: bool) -> Any:
    found = whole(tensor)
    if not is_main_process():
        return _NOTHING
    if is_sharded(tensor):
        return found.cpu() if found.device.type != "cpu" else found.clone()
    return found.cpu() if on_cpu else found


def settle(model: Any) -> None:
    """Free the weights that FSDP2 has gathered in a model, as after a pass that has failed.

    What the model's parameters are then is what counts, and what may be changed.
    """
    for module in model.modules():
        if hasattr(module, "set_requires_gradient_sync"):
            module.reshard()


def tensors_of(module: nn.Module) -> dict[str, Tensor]:
    """Return a module's tensors by their names in its state dict.

    An extra state that can't be asked for yet, since it comes with the training, hinders nothing.
    """
    try:
        state = module.state_dict()
    except Exception:  # of some get_extra_state
        state = {
            f"{prefix}.{name}".removeprefix("."): value
            for prefix, part in module.named_modules(remove_duplicate=False)
            for name, value in {**part._parameters, **part._buffers}.items()
            if name not in part._non_persistent_buffers_set
        }
    return {name: value for name, value in state.items() if isinstance(value, Tensor)}
