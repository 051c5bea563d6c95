"""A process group of thousands of ranks, of which two are there: the first and the last.

What the two exchange is real, through gloo. Every rank between them is taken to do exactly what
the last one does: a sum is the first one's and so many times the last one's, what is gathered
has as many copies of the last one's, and so has the store. So what a rank sends, receives and
allocates is what it would in a group of that size, whose ranks have as much to say. Each exchange
is put down.
"""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist
from torch._C._distributed_c10d import _create_work_from_future

NAME = "crowd"
_OURS = ("engine_dist.", "engine_checkpoint.sharded.agreement")
_SHARED = "engine/stop/"  # keys of the store that all ranks read and write
_kept: list[dist.Store] = []  # the group has no reference to it that Python knows of
_BETWEEN = ("torch", "engine_dist", "crowd", "contextlib")


@dataclass(frozen=True)
class Event:
    """An exchange that a rank took part in.

    Attributes:
        stage: what was going on.
        kind: of collective, or "send" or "recv".
        is_ours: whether our packages have called it, or else torch's own (DDP's buckets).
        origin: module of the caller.
        sent: bytes that this rank has given.
        received: bytes that this rank had to have room for.
    """

    stage: str
    kind: str
    is_ours: bool
    origin: str
    sent: int
    received: int


class Book:
    """Where a rank's exchanges are put down.

    Attributes:
        stage: what is going on.
        events: collectives and messages.
        asked: of each kind of request to the store that has to do with stopping, how many.
    """

    def __init__(self) -> None:
        self.stage = "start"
        self.events: list[Event] = []
        self.asked: Counter[str] = Counter()

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        """Put down what happens as of another stage."""
        before, self.stage = self.stage, stage
        try:
            yield
        finally:
            self.stage = before

    def put(self, kind: str, *, sent: int, received: int) -> None:
        """Put an exchange down, of whoever has called."""
        frame: FrameType | None = sys._getframe(2)
        is_ours, origin = False, "torch"
        while frame is not None:
            module = str(frame.f_globals.get("__name__", ""))
            is_ours = is_ours or module.startswith(_OURS)
            if not module.startswith(_BETWEEN):
                origin = module
                break
            frame = frame.f_back
        is_ours = is_ours or origin.startswith(_OURS)
        self.events.append(Event(self.stage, kind, is_ours, origin, sent, received))


class Shared(dist.Store):
    """The group's store, of which the two see each other's words on stopping; the rest is alone."""

    def __init__(self, shared: dist.Store, size: int, rank: int, book: Book) -> None:
        super().__init__()
        self._alone, self._shared = dist.HashStore(), shared
        self._size, self._rank, self._book = size, rank, book

    def _place(self, key: str, kind: str) -> tuple[dist.Store, str]:
        if not key.startswith(_SHARED):
            return self._alone, key
        self._book.asked[kind] += 1
        folder, _, name = key.rpartition("/")
        is_between = name.isdecimal() and 0 < int(name) < self._size
        return self._shared, f"{folder}/{self._size - 1}" if is_between else key

    def set(self, key: str, value: Any) -> None:
        store, key = self._place(key, "set")
        store.set(key, value)

    def get(self, key: str) -> bytes:
        store, key = self._place(key, "get")
        return store.get(key)

    def add(self, key: str, amount: int) -> int:
        store, key = self._place(key, "add")
        is_many = store is self._shared and self._rank > 0
        return store.add(key, amount * (self._size - 1) if is_many else amount)

    def check(self, keys: list[str]) -> bool:
        return all(store.check([key]) for store, key in (self._place(k, "check") for k in keys))

    def wait(self, keys: list[str], timeout: timedelta = timedelta(seconds=120)) -> None:
        for store, key in (self._place(each, "wait") for each in keys):
            store.wait([key], timeout)


class Crowd(dist.ProcessGroup):
    """The group; see this file's beginning."""

    def __init__(self, rank: int, size: int, wire: Any, book: Book) -> None:
        super().__init__(rank, size)
        self._rank, self._size = rank, size
        self._wire, self._book = wire, book
        self._log: deque[list[Any]] = deque()  # of the last rank's messages: [tensor, reads]
        self._gone = 0  # of them
        self._name = ""
        self._positions: dict[int, int] = {}

    def getBackendName(self) -> str:
        return NAME

    @property
    def group_name(self) -> str:
        self._name = dist.distributed_c10d._world.pg_names.get(self, self._name)
        return self._name

    def _both(self, tensor: Tensor) -> tuple[Tensor, Tensor]:
        """What the first rank and the last one give."""
        mine = tensor.detach().contiguous()
        found = [torch.empty_like(mine), torch.empty_like(mine)]
        self._wire.allgather([found], [mine]).wait()
        return found[0], found[1]

    def _put(self, kind: str, sent: int, received: int) -> None:
        self._book.put(kind, sent=sent, received=received)

    def allreduce(self, tensors: list[Tensor], opts: Any = None) -> Any:
        for tensor in tensors:
            self._put("all_reduce", tensor.nbytes, tensor.nbytes)
            first, last = self._both(tensor)
            op = dist.ReduceOp.SUM if opts is None else opts.reduceOp
            tensor.detach().copy_(self._reduced(op, first, last).view_as(tensor))
        return _done(tensors)

    allreduce_coalesced = allreduce

    def _reduced(self, op: Any, first: Tensor, last: Tensor) -> Tensor:
        others = self._size - 1
        if op == dist.ReduceOp.SUM:
            return first + last * others
        if op == dist.ReduceOp.AVG:
            return (first + last * others) / self._size
        if op == dist.ReduceOp.MAX:
            return torch.maximum(first, last)
        if op == dist.ReduceOp.MIN:
            return torch.minimum(first, last)
        raise NotImplementedError(f"a reduction {op}")

    def broadcast(self, tensors: list[Tensor], opts: Any) -> Any:
        for tensor in tensors:
            is_root = opts.rootRank == self._rank
            self._put("broadcast", is_root * tensor.nbytes, (not is_root) * tensor.nbytes)
            if opts.rootRank not in (0, self._size - 1):
                raise NotImplementedError(f"a broadcast by rank {opts.rootRank}, who is not there")
            whole = tensor.detach().contiguous()
            first, last = self._both(whole)
            tensor.detach().copy_(first if opts.rootRank == 0 else last)
        return _done(tensors)

    def allgather(self, outputs: list[list[Tensor]], inputs: list[Tensor], opts: Any = None) -> Any:
        for found, own in zip(outputs, inputs, strict=True):
            self._put("all_gather", own.nbytes, sum(each.nbytes for each in found))
            first, last = self._both(own)
            for number, each in enumerate(found):
                each.detach().copy_(last if number else first)
        return _done(outputs)

    def _allgather_base(self, output: Tensor, own: Tensor, opts: Any = None) -> Any:
        self._put("all_gather", own.nbytes, output.nbytes)
        first, last = self._both(own)
        parts = output.detach().view(self._size, -1)
        parts[0], parts[1:] = first.flatten(), last.flatten()
        return _done(output)

    def _reduce_scatter_base(self, output: Tensor, own: Tensor, opts: Any = None) -> Any:
        self._put("reduce_scatter", own.nbytes, output.nbytes)
        first, last = self._both(own)
        place = self._rank * output.numel()
        mine = (each.flatten()[place : place + output.numel()] for each in (first, last))
        op = dist.ReduceOp.SUM if opts is None else opts.reduceOp
        output.detach().copy_(self._reduced(op, *mine).view_as(output))
        return _done(output)

    all_gather_single = _allgather_base
    reduce_scatter_single = _reduce_scatter_base

    def gather(self, outputs: list[list[Tensor]], inputs: list[Tensor], opts: Any) -> Any:
        room = sum(each.nbytes for found in outputs for each in found)
        self._put("gather", inputs[0].nbytes, room)
        first, last = self._both(inputs[0])
        for number, each in enumerate(outputs[0] if outputs else ()):
            each.detach().copy_(last if number else first)
        return _done(outputs)

    def barrier(self, opts: Any = None) -> Any:
        self._put("barrier", 0, 0)
        self._both(torch.zeros(1))
        return _done([])

    def send(self, tensors: list[Tensor], target: int, tag: int = 0) -> Any:
        if target != 0 or self._rank != self._size - 1:
            raise NotImplementedError(f"a message from rank {self._rank} to rank {target}")
        for tensor in tensors:
            self._put("send", tensor.nbytes, 0)
            self._wire.send([torch.tensor([tensor.nbytes])], 0, tag).wait()
            self._wire.send([tensor.detach().contiguous()], 0, tag).wait()
        return _done(tensors)

    def recv(self, tensors: list[Tensor], source: int, tag: int = 0) -> Any:
        for tensor in tensors:
            self._put("recv", 0, tensor.nbytes)
            number = self._positions.get(source, 0)
            self._positions[source] = number + 1
            while number - self._gone >= len(self._log):
                self._log.append([self._next(tag), 0])
            entry = self._log[number - self._gone]
            raw = tensor.detach().view(-1).view(torch.uint8)
            raw.copy_(entry[0])
            entry[1] += 1
            while self._log and self._log[0][1] == self._size - 1:
                self._log.popleft()
                self._gone += 1
        return _done(tensors)

    def _next(self, tag: int) -> Tensor:
        size = torch.zeros(1, dtype=torch.int64)
        self._wire.recv([size], 1, tag).wait()
        found = torch.empty(int(size), dtype=torch.uint8)
        self._wire.recv([found], 1, tag).wait()
        return found


def _done(value: Any) -> Any:
    future: Any = torch.futures.Future()
    future.set_result(value)
    return _create_work_from_future(future)


def join(place: int, size: int, *, folder: Path, book: Book) -> None:
    """Become the first rank, or the last one, of ``size``; once in a process.

    Args:
        place: 0 for the first one, 1 for the last one.
        size: how many ranks there are to be.
        folder: one that both see, and that nobody has joined through before.
        book: where exchanges are put down.
    """
    store = dist.FileStore(str(folder / "wire"), 2)
    groups = iter(range(1 << 20))

    def make(_store: Any, rank: int, world_size: int, _timeout: Any) -> Crowd:
        if world_size != size:
            raise NotImplementedError(f"a group of {world_size} of {size} ranks")
        own = dist.PrefixStore(str(next(groups)), store)
        wire = dist.ProcessGroupGloo(own, place, 2, timedelta(seconds=120))
        return Crowd(rank, world_size, wire, book)

    dist.Backend.register_backend(NAME, make, devices=["cpu"])
    dist.new_group = partial(_new_group, dist.new_group)
    rank = 0 if place == 0 else size - 1
    _kept.append(Shared(dist.FileStore(str(folder / "shared"), 2), size, rank, book))
    dist.init_process_group(NAME, store=_kept[0], rank=rank, world_size=size)


def _new_group(make: Any, *args: Any, **options: Any) -> Any:
    """A group through gloo would be one of real ranks: it is of this kind, too."""
    return make(*args, **{**options, "backend": NAME})
