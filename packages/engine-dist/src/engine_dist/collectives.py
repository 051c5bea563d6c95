"""Collectives on tensors: in place, on any device, for every dtype, the same alone and in a group.

A tensor that is not on the group's device goes there and back by itself. ``timeout`` is in
seconds, as everywhere in this package; None leaves it to the group's own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch import distributed as dist
from torch.distributed import ProcessGroup, ReduceOp

from engine_dist.collective_watch import Call
from engine_dist.device import get_comm_device
from engine_dist.group import get_rank, get_world_size, group_ranks

__all__ = [
    "all_gather",
    "all_reduce",
    "barrier",
    "broadcast",
    "finish",
    "gather",
    "sync_random_seed",
]

_OPS = {
    "sum": ReduceOp.SUM,
    "product": ReduceOp.PRODUCT,
    "min": ReduceOp.MIN,
    "max": ReduceOp.MAX,
    "band": ReduceOp.BAND,
    "bor": ReduceOp.BOR,
    "bxor": ReduceOp.BXOR,
}
# dtypes that no back-end reduces, with one that holds their values and is reduced by all.
_REDUCED_AS = {
    torch.bool: torch.int32,
    torch.int16: torch.int32,
    torch.uint16: torch.int32,
    torch.uint32: torch.int64,
    torch.float8_e4m3fn: torch.float32,
    torch.float8_e4m3fnuz: torch.float32,
    torch.float8_e5m2: torch.float32,
    torch.float8_e5m2fnuz: torch.float32,
}


def finish(start: Callable[[bool], Any], timeout: float | None) -> None:
    """Run a torch collective, given whether to be asynchronous, until it is done.

    Raises:
        RuntimeError: it failed, or was not done after ``timeout`` seconds.
    """
    if timeout is None:
        start(False)
        return
    work = start(True)
    if work is not None:
        work.wait(timedelta(seconds=timeout))


def barrier(group: ProcessGroup | None = None, *, timeout: float | None = None) -> None:
    """Wait until every process of ``group`` has come here.

    Raises:
        CollectiveError: a process did not come; the message names it.
    """
    if get_world_size(group) > 1:
        with Call("barrier", group):
            finish(lambda run: dist.barrier(group=group, async_op=run), timeout)


def all_reduce(
    data: Tensor,
    op: str = "sum",
    group: ProcessGroup | None = None,
    *,
    timeout: float | None = None,
) -> None:
    """Overwrite ``data`` in every process with the reduction over all; the dtype is kept.

    Args:
        data: any shape and dtype, the same in every process.
        op: "sum", "mean", "product", "min", "max", "band", "bor" or "bxor", in any case. A mean of
            integers is cut towards zero.
        group: the default group if None.
        timeout: seconds.

    Raises:
        ValueError: there is no such ``op``.
        TypeError: values of this dtype are not reduced by ``op``.
        CollectiveError: a process did not take part.
    """
    name = op.lower()
    if name != "mean" and name not in _OPS:
        known = ", ".join(map(repr, ["mean", *_OPS]))
        raise ValueError(f"op must be one of {known}: got {op!r}")
    world_size = get_world_size(group)
    if world_size <= 1:
        return
    reduced = _reducible(data.detach(), name).to(get_comm_device(group)).contiguous()
    torch_op = _OPS["sum" if name == "mean" else name]
    with Call("all_reduce", group):
        finish(lambda run: dist.all_reduce(reduced, torch_op, group, run), timeout)
    if name == "mean":
        reduced = reduced.div_(world_size) if reduced.is_floating_point() else reduced / world_size
    if data.is_complex():
        reduced = torch.view_as_complex(reduced)
    if reduced.data_ptr() != data.data_ptr():
        data.detach().copy_(reduced)


def _reducible(data: Tensor, op: str) -> Tensor:
    """Return ``data`` with a dtype that back-ends reduce by ``op``."""
    if data.is_complex():
        if op not in ("sum", "mean"):
            raise TypeError(f"complex numbers are reduced by 'sum' and 'mean', not by {op!r}")
        return torch.view_as_real(data.resolve_conj())
    if data.dtype == torch.uint64:
        if op in ("mean", "min", "max"):
            raise TypeError(f"uint64 is not reduced by {op!r}: cast it to int64 or float64 first")
        return data.view(torch.int64)  # the same bits, whatever the sign
    return data.to(_REDUCED_AS.get(data.dtype, data.dtype))


def _as_bytes(data: Tensor, device: torch.device) -> Tensor:
    """Return the values of ``data`` as (bytes,) uint8 on ``device``; shared where they can be."""
    plain = data.detach().resolve_conj().resolve_neg().to(device)
    return plain.contiguous().reshape(-1).view(torch.uint8)


def _from_bytes(raw: Tensor, like: Tensor) -> Tensor:
    """Undo `_as_bytes`, with the shape, dtype and device of ``like``."""
    return raw.view(like.dtype).view(like.shape).to(like.device)


def all_gather(
    data: Tensor, group: ProcessGroup | None = None, *, timeout: float | None = None
) -> list[Tensor]:
    """Return the ``data`` of every process, by rank, in every process.

    Args:
        data: any shape and dtype, the same in every process.
        group: the default group if None.
        timeout: seconds.

    Raises:
        CollectiveError: a process did not take part.
    """
    if get_world_size(group) <= 1:
        return [data]
    raw = _as_bytes(data, get_comm_device(group))
    gathered = [torch.empty_like(raw) for _ in range(get_world_size(group))]
    with Call("all_gather", group):
        finish(lambda run: dist.all_gather(gathered, raw, group, run), timeout)
    return [_from_bytes(part, data) for part in gathered]


def gather(
    data: Tensor,
    dst: int = 0,
    group: ProcessGroup | None = None,
    *,
    timeout: float | None = None,
) -> list[Tensor]:
    """Return the ``data`` of every process, by rank, in process ``dst``; elsewhere [].

    Args:
        data: any shape and dtype, the same in every process.
        dst: global rank of the process that receives.
        group: the default group if None.
        timeout: seconds.

    Raises:
        CollectiveError: a process did not take part.
    """
    if get_world_size(group) <= 1:
        return [data]
    raw = _as_bytes(data, get_comm_device(group))
    here = get_rank() == dst
    gathered = [torch.empty_like(raw) for _ in range(get_world_size(group))] if here else None
    with Call("gather", group):
        finish(lambda run: dist.gather(raw, gathered, dst, group, run), timeout)
    return [_from_bytes(part, data) for part in gathered or []]


def broadcast(
    data: Tensor,
    src: int = 0,
    group: ProcessGroup | None = None,
    *,
    timeout: float | None = None,
) -> None:
    """Overwrite ``data`` in every process with that of process ``src``.

    Args:
        data: any shape and dtype, the same in every process.
        src: global rank of the process that sends.
        group: the default group if None.
        timeout: seconds.

    Raises:
        CollectiveError: a process did not take part.
    """
    if get_world_size(group) <= 1:
        return
    raw = _as_bytes(data, get_comm_device(group))
    with Call("broadcast", group):
        finish(lambda run: dist.broadcast(raw, src, group, run), timeout)
    if raw.data_ptr() != data.data_ptr() and get_rank() != src:
        data.detach().copy_(_from_bytes(raw, data))


def sync_random_seed(group: ProcessGroup | None = None, *, timeout: float | None = None) -> int:
    """Return a random seed in [0, 2**31), the same in every process of ``group``."""
    seed = torch.tensor(int(np.random.randint(2**31)))
    if get_world_size(group) > 1:
        broadcast(seed, group_ranks(group)[0], group, timeout=timeout)
    return int(seed)
