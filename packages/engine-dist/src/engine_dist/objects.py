"""Collectives on any object that pickles; arrays and tensors in it travel as raw buffers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch import distributed as dist
from torch.distributed import ProcessGroup

from engine_dist.buffers import Bytes, Packed, pack, receive, unpack
from engine_dist.collective_watch import Call
from engine_dist.collectives import all_gather, all_reduce, broadcast, finish
from engine_dist.device import get_comm_device
from engine_dist.group import get_rank, get_world_size, group_ranks

__all__ = ["all_gather_object", "broadcast_object_list", "first_of", "from_main", "gather_object"]

T = TypeVar("T")

# Streams of all processes together up to this size go in one message, padded to the longest.
_AT_ONCE_BYTES = 64 * 2**20


def all_gather_object(
    data: Any, group: ProcessGroup | None = None, *, timeout: float | None = None
) -> list[Any]:
    """Return the ``data`` of every process, by rank, in every process.

    Args:
        data: anything that pickles; of any size in each process.
        group: the default group if None.
        timeout: seconds, for each message.

    Raises:
        CollectiveError: a process did not take part.
    """
    if get_world_size(group) <= 1:
        return [data]
    packed = pack(data)
    sizes = _sizes(packed, group, timeout)
    if len(sizes) * max(sizes) > _AT_ONCE_BYTES:
        with Call("all_gather_object", group):
            streams = [
                _broadcast(packed, source, size, group=group, timeout=timeout)
                for source, size in zip(group_ranks(group), sizes, strict=True)
            ]
    else:
        padded = np.zeros(max(sizes), dtype=np.uint8)
        for chunk in packed.chunks(packed.size):
            padded[: packed.size] = chunk
        gathered = all_gather(torch.from_numpy(padded), group, timeout=timeout)
        streams = [part.numpy()[:size] for part, size in zip(gathered, sizes, strict=True)]
    here = get_rank(group)
    return [data if i == here else unpack(stream) for i, stream in enumerate(streams)]


def broadcast_object_list(
    data: list[Any],
    src: int = 0,
    group: ProcessGroup | None = None,
    *,
    timeout: float | None = None,
) -> None:
    """Overwrite the elements of ``data`` in every process with those of process ``src``.

    Args:
        data: as many elements in every process.
        src: global rank of the process that sends.
        group: the default group if None.
        timeout: seconds, for each message.

    Raises:
        TypeError: ``data`` is no list.
        CollectiveError: a process did not take part.
    """
    if not isinstance(data, list):
        raise TypeError(f"data must be a list: got {type(data).__name__}")
    if get_world_size(group) <= 1:
        return
    here = get_rank() == src
    packed = pack(data) if here else Packed([])
    size = torch.tensor([packed.size])
    broadcast(size, src, group, timeout=timeout)
    with Call("broadcast_object_list", group):
        stream = _broadcast(packed, src, int(size), group=group, timeout=timeout)
    if not here:
        data[:] = unpack(stream)


def first_of(
    data: Any | None, group: ProcessGroup | None = None, *, timeout: float | None = None
) -> tuple[int, Any] | None:
    """Return what the first process gives that gives anything, and its rank in ``group``.

    However many there are, each receives a number, and one object if there is any: for what
    rarely is there, or is the same wherever it is, in place of gathering it of all.

    Args:
        data: anything that pickles; None for nothing.
        group: the default group if None.
        timeout: seconds, for each message.

    Returns:
        The same in every process; None where nobody gives anything.

    Raises:
        CollectiveError: a process did not take part.
    """
    rank, world_size = get_rank(group), get_world_size(group)
    if world_size <= 1:
        return None if data is None else (0, data)
    first = torch.tensor(world_size if data is None else rank)
    all_reduce(first, "min", group, timeout=timeout)
    if first == world_size:
        return None
    found = [data]
    source = group_ranks(group)[int(first)]
    broadcast_object_list(found, source, group, timeout=timeout)
    return int(first), found[0]


def from_main(make: Callable[[], T]) -> T:
    """Return in every process what ``make`` returns in the main one, where alone it is called.

    A file that all need is read once so: ``cfg = from_main(lambda: Config.fromfile(path))``.

    Args:
        make: returns something that pickles.

    Raises:
        Exception: what ``make`` has raised, in the main process.
        RuntimeError: what it has raised there, in the others.
        CollectiveError: a process did not take part.
    """
    if get_world_size() <= 1:
        return make()
    failure: Exception | None = None
    told: list[Any] = [None, None]
    if get_rank() == 0:
        try:
            told[0] = make()
        except Exception as error:  # raised below, when the others know
            failure, told[1] = error, f"{type(error).__name__}: {error}"
    broadcast_object_list(told)
    if failure is not None:
        raise failure
    if told[1] is not None:
        raise RuntimeError(f"rank 0 has failed with {told[1]}")
    found: T = told[0]
    return found


def gather_object(
    data: Any,
    dst: int = 0,
    group: ProcessGroup | None = None,
    *,
    timeout: float | None = None,
) -> list[Any] | None:
    """Return the ``data`` of every process, by rank, in process ``dst``; elsewhere None.

    Process ``dst`` receives from one process after another, in chunks: beyond the objects
    themselves it needs the memory of one chunk.

    Args:
        data: anything that pickles; of any size in each process.
        dst: global rank of the process that receives.
        group: the default group if None.
        timeout: seconds, for each message.

    Raises:
        CollectiveError: a process did not take part.
    """
    if get_world_size(group) <= 1:
        return [data]
    device = get_comm_device(group)
    here = get_rank() == dst
    packed = Packed([]) if here else pack(data)
    own_size = torch.tensor([packed.size], device=device)
    sizes = [torch.empty_like(own_size) for _ in range(get_world_size(group))] if here else None
    with Call("gather_object", group):
        finish(lambda run: dist.gather(own_size, sizes, dst, group, run), timeout)
        if not here:
            for chunk in packed.chunks():
                _send(torch.from_numpy(chunk).to(device), dst, group=group, timeout=timeout)
            return None
        gathered = []
        for source, size in zip(group_ranks(group), sizes or [], strict=True):
            fill = _receiver(source, group, timeout)
            gathered.append(data if source == dst else unpack(receive(int(size), fill)))
        return gathered


def _sizes(packed: Packed, group: ProcessGroup | None, timeout: float | None) -> list[int]:
    """The size of every process's stream, by rank."""
    return [int(s) for s in all_gather(torch.tensor([packed.size]), group, timeout=timeout)]


def _broadcast(
    packed: Packed, src: int, size: int, *, group: ProcessGroup | None, timeout: float | None
) -> Bytes:
    """Return the stream of process ``src`` in all the others; there it is sent in chunks."""
    device = get_comm_device(group)

    def exchange(raw: Bytes) -> None:
        tensor = torch.from_numpy(raw).to(device)
        finish(lambda run: dist.broadcast(tensor, src, group, run), timeout)
        if device.type != "cpu":
            raw[:] = tensor.cpu().numpy()

    if get_rank() != src:
        return receive(size, exchange)
    for chunk in packed.chunks():
        exchange(chunk)
    return np.empty(0, dtype=np.uint8)


def _send(tensor: Tensor, dst: int, *, group: ProcessGroup | None, timeout: float | None) -> None:
    def start(run: bool) -> Any:
        return dist.isend(tensor, dst, group) if run else dist.send(tensor, dst, group)

    finish(start, timeout)


def _receiver(
    src: int, group: ProcessGroup | None, timeout: float | None
) -> Callable[[Bytes], None]:
    """Return a function that fills a chunk with what process ``src`` sends."""
    device = get_comm_device(group)

    def fill(raw: Bytes) -> None:
        landed = torch.from_numpy(raw).to(device)  # shares the memory of raw on the CPU

        def start(run: bool) -> Any:
            return dist.irecv(landed, src, group) if run else dist.recv(landed, src, group)

        finish(start, timeout)
        if device.type != "cpu":
            raw[:] = landed.cpu().numpy()

    return fill
