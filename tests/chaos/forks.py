"""Processes that are forked: what is imported is there in each, so that one costs little."""

from __future__ import annotations

import os
import pickle
import select
import signal
import time
from collections.abc import Callable
from typing import Any

__all__ = ["forked"]

_ALONE_S = 5.0  # what is left alone ends by itself, or is ended as an agent does
_MOST_S = 120.0


def forked(act: Callable[[int], Any], *, ranks: int = 1, most_s: float = _MOST_S) -> list[Any]:
    """Return what ``act(rank)`` returns in processes of their own.

    None for one that has failed, or that has not ended within ``most_s`` seconds and was killed.
    """
    children = [_fork(act, rank) for rank in range(ranks)]
    found: dict[int, bytes] = dict.fromkeys((reader for _, reader in children), b"")
    open_ends, deadline = set(found), time.monotonic() + most_s
    while open_ends and (left := deadline - time.monotonic()) > 0:
        for reader in select.select([*open_ends], [], [], left)[0]:
            data = os.read(reader, 1 << 16)
            found[reader] += data
            if not data:
                open_ends.discard(reader)
                if not found[reader]:
                    deadline = min(deadline, time.monotonic() + _ALONE_S)
    for child, reader in children:
        if reader in open_ends:
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
    return [pickle.loads(found[reader]) if found[reader] else None for _, reader in children]


def _fork(act: Callable[[int], Any], rank: int) -> tuple[int, int]:
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    code = 1
    try:
        os.close(reader)
        data = pickle.dumps(act(rank))
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(data)
        code = 0
    except Exception:  # a training that said that it couldn't be saved, or whose peer was killed
        pass
    finally:
        os._exit(code)
