"""What ranks that save together tell each other, also beside a training that talks itself."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, Final, TypeVar

import torch
from torch import distributed as dist

from engine_checkpoint.errors import CheckpointError

__all__ = ["Failure", "Ranks", "attempt"]

T = TypeVar("T")
_MAIN: Final = 0


class Failure:
    """What an act has failed with, as other ranks can be told it."""

    def __init__(self, error: Exception) -> None:
        self.is_os_error = isinstance(error, OSError)
        self.number = getattr(error, "errno", None) or 0
        self.text = (getattr(error, "strerror", None) if self.number else None) or str(error)
        self.file = getattr(error, "filename", None) if self.number else None

    def error(self) -> Exception:
        """Return an error that says the same."""
        if self.is_os_error:
            return OSError(self.number, self.text, self.file) if self.number else OSError(self.text)
        return CheckpointError(self.text)


def attempt(act: Callable[[], T]) -> T | Failure:
    """Return what ``act`` returns, or what it fails with."""
    try:
        return act()
    except Exception as error:  # told to the other ranks, and raised by them
        return Failure(error)


class Ranks:
    """All ranks of a training, in a group of their own: they may talk from any thread.

    It is made by all ranks at once, and talks from CPU to CPU. torch's own collectives are called,
    not those of `engine_dist`: what goes on beside a training must not look like its progress.
    """

    def __init__(self) -> None:
        is_alone = not (dist.is_available() and dist.is_initialized()) or dist.get_world_size() == 1
        self.rank = 0 if is_alone else dist.get_rank()
        self.world_size = 1 if is_alone else dist.get_world_size()
        self._group: Any = None if is_alone else dist.new_group(backend="gloo")

    @property
    def is_main(self) -> bool:
        """Whether this is the rank that acts for all."""
        return self.rank == _MAIN

    def sum(self, value: int) -> int:
        """Return the sum of every rank's number."""
        total = torch.tensor(value)
        if self._group is not None:
            dist.all_reduce(total, group=self._group)
        return int(total)

    def gather(self, value: T | None) -> list[T]:
        """Return what ranks have given, those that have, on the main rank; nothing elsewhere.

        The main rank hears a number of every rank, and then one rank after the other.
        """
        if self._group is None:
            return [] if value is None else [value]
        data = b"" if value is None or self.is_main else pickle.dumps(value)
        size = torch.tensor([len(data)])
        table = torch.zeros(self.world_size, 1, dtype=size.dtype) if self.is_main else None
        dist.gather(size, None if table is None else [*table], dst=_MAIN, group=self._group)
        if table is None:
            if data:
                message = torch.frombuffer(bytearray(data), dtype=torch.uint8)
                dist.send(message, _MAIN, group=self._group)
            return []
        found = [] if value is None else [value]
        for rank, length in enumerate(table.flatten().tolist()):
            if length:
                raw = torch.empty(length, dtype=torch.uint8)
                dist.recv(raw, rank, group=self._group)
                found.append(pickle.loads(raw.numpy().data))
        return found

    def on_main(self, act: Callable[[], T]) -> T:
        """Let the main rank act; return on every rank what it returns.

        Raises:
            Exception: what it has failed with; on other ranks an OSError or a CheckpointError.
        """
        failure: Exception | None = None
        told: list[Any] = [None]
        if self.is_main:
            try:
                told = [act()]
            except Exception as error:  # raised below, when the other ranks know
                failure, told = error, [Failure(error)]
        if self._group is not None:
            dist.broadcast_object_list(told, src=_MAIN, group=self._group)
        if failure is not None:
            raise failure
        if isinstance(told[0], Failure):
            raise told[0].error()
        found: T = told[0]
        return found
