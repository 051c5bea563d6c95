"""Write plan: which shards of which tensors a rank writes; each is one rank's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine_checkpoint.sharded.flattening import Parts, parameter_names
from engine_dist.shards import is_sharded, local

__all__ = ["Piece", "own_pieces", "region_of"]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a tensor.

    Attributes:
        name: of the tensor.
        shape: of the whole tensor.
        offsets: where in it the part begins.
        tensor: the part.
    """

    name: str
    shape: tuple[int, ...]
    offsets: tuple[int, ...]
    tensor: Tensor


def own_pieces(parts: Parts, *, rank: int, world_size: int) -> list[Piece]:
    """Return what this rank writes of a checkpoint: what it has in the memory it has it in.

    Plain weights, and optimizer states of them, are the same on every rank: they are dealt out by
    size. Other plain tensors, such as statistics of each rank's samples, are the main rank's.
    """
    owners = _dealt(parts, world_size)
    found = []
    for name, tensor in parts.tensors.items():
        if is_sharded(tensor):
            piece = _spread(name, tensor)
        elif owners.get(name, 0) == rank:
            shape = tuple(tensor.shape)
            piece = Piece(name=name, shape=shape, offsets=(0,) * len(shape), tensor=tensor.detach())
        else:
            piece = None
        if piece is not None:
            found.append(piece)
    return found


def _dealt(parts: Parts, world_size: int) -> Mapping[str, int]:
    same = parameter_names(parts.content)
    sizes = {
        name: tensor.numel() * tensor.element_size()
        for name, tensor in parts.tensors.items()
        if not is_sharded(tensor) and same.intersection(map(_bare, parts.paths[name]))
    }
    loads, owners = [0] * world_size, {}
    for name in sorted(sizes, key=lambda each: (-sizes[each], each)):
        owners[name] = loads.index(min(loads))
        loads[owners[name]] += sizes[name]
    return owners


def _bare(part: str | int) -> str:
    return str(part).removeprefix("module.")  # of an average of the weights


def _spread(name: str, tensor: Any) -> Piece | None:
    """This rank's part; None if it has none, or another rank has the same and writes it."""
    coordinate = tensor.device_mesh.get_coordinate()
    copies = zip(coordinate or (), tensor.placements, strict=False)
    if coordinate is None or any(at and placed.is_replicate() for at, placed in copies):
        return None
    own = local(tensor.detach())
    _, offsets = region_of(tensor)
    if not own.numel():
        return None
    return Piece(name=name, shape=tuple(tensor.shape), offsets=offsets, tensor=own)


def region_of(tensor: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the size of this rank's part of a tensor that is spread, and where it begins."""
    from torch.distributed.tensor._utils import compute_local_shape_and_global_offset

    size, offsets = compute_local_shape_and_global_offset(
        torch.Size(tensor.shape), tensor.device_mesh, tensor.placements
    )
    return tuple(size), tuple(offsets)
