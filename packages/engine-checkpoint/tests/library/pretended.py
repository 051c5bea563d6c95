"""A process that is made believe it is one of several: what each would have of a tensor."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist

from engine_checkpoint.sharded.flattening import taken_apart
from engine_checkpoint.sharded.folder import make_draft
from engine_checkpoint.sharded.write import complete, write_pieces
from engine_checkpoint.sharded.write_plan import own_pieces


@contextmanager
def as_rank(rank: int, shape: Sequence[int]) -> Iterator[Any]:
    """Be a rank of a mesh that sends nothing."""
    from torch.testing._internal.distributed.fake_pg import FakeStore

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of its own test tools
        size = torch.Size(shape).numel()
        dist.init_process_group("fake", store=FakeStore(), rank=rank, world_size=size)
        try:
            yield dist.init_device_mesh("cpu", (*shape,))
        finally:
            dist.destroy_process_group()


def spread(tensor: Tensor, mesh: Any, placements: Sequence[Any]) -> Any:
    """What this rank has of a tensor."""
    from torch.distributed.tensor import distribute_tensor

    return distribute_tensor(tensor, mesh, [*placements], src_data_rank=None)


def save_as_all(
    checkpoint: dict[str, Any], target: Path, shape: Sequence[int], placements: Sequence[Any]
) -> None:
    """Write a checkpoint as all ranks of a mesh, one after the other; its weights are spread."""
    draft = make_draft(target)
    outcomes, parts = [], None
    for rank in range(torch.Size(shape).numel()):
        with as_rank(rank, shape) as mesh:
            weights = {
                name: spread(each, mesh, placements) if each.ndim else each
                for name, each in checkpoint["state_dict"].items()
            }
            own = taken_apart({**checkpoint, "state_dict": weights})
            pieces = own_pieces(own, rank=rank, world_size=dist.get_world_size())
            outcomes.append(write_pieces(draft, rank, pieces))
            own.tensors = {}
            parts = parts or own
    assert parts is not None
    complete(draft, target, parts=parts, outcomes=outcomes)
