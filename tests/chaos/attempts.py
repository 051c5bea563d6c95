"""Trainings in processes that are killed: at a moment of chance, or in the midst of something."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from training import EVENTS, train

from engine_dist import free_port

__all__ = ["MOMENTS", "Attempt"]

# When a training is killed: at any time at all, or shortly after it has told that this begins.
MOMENTS = ("any", "write", "validation", "epoch", "load", "begin")
# At the latest at the so manieth time that it begins.
_OFTEN = {"write": 6, "validation": 8, "epoch": 2, "load": 1, "begin": 1}
_START = "fork" if hasattr(os, "fork") else "spawn"  # what is imported is there in a fork
_MOST_S = 120.0


class Attempt:
    """One or two processes that train, until they end or are killed.

    Attributes:
        seconds: how long it took.
    """

    def __init__(self, work_dir: Path, *, ranks: int, workers: int) -> None:
        context: Any = multiprocessing.get_context(_START)
        self._begin = time.monotonic()
        port = free_port() if ranks > 1 else None
        self._pipe, theirs = context.Pipe(duplex=False)
        self._processes = []
        for rank in range(ranks):
            _, deaf = context.Pipe(duplex=False)
            process = context.Process(
                target=train,
                args=(str(work_dir), theirs if rank == 0 else deaf),
                kwargs={"workers": workers, "rank": rank, "port": port},
            )
            process.start()
            self._processes.append(process)
        theirs.close()
        self.seconds = 0.0

    def finish(self) -> bool:
        """Wait for the end, and tell whether it was a good one."""
        return not self._live_until(self._begin + _MOST_S) and self._was_good()

    def kill(self, moment: str, dice: random.Random, *, most_s: float) -> bool:
        """Kill it, and tell whether it was killed: else it had come to its end before.

        Args:
            moment: one of `MOMENTS`.
            dice: draws how long to wait.
            most_s: for "any", the latest time to kill at.
        """
        if moment == "any":
            alive = self._live_until(self._begin + dice.uniform(0.0, most_s))
        else:
            count = dice.randint(1, _OFTEN[moment])
            alive = self._live_until(self._begin + _MOST_S, EVENTS.index(moment), count)
            if alive:
                alive = self._live_until(time.monotonic() + dice.uniform(0.0, 0.006))
        if alive:
            first = dice.choice(self._processes)
            first.kill()
            first.join()
            # The others are left alone with it for a moment, and then ended as an agent does.
            self._live_until(time.monotonic() + dice.uniform(0.0, 0.05))
        for process in self._processes:
            if alive:
                process.kill()
            process.join()
        self.seconds = time.monotonic() - self._begin
        return alive

    def _live_until(self, when: float, event: int | None = None, count: int = 1) -> bool:
        """Wait until then, or for an event; tell whether every process is alive still."""
        sentinels = [process.sentinel for process in self._processes]
        watched = [*sentinels, self._pipe]
        while (left := when - time.monotonic()) > 0:
            ready = wait(watched, left)
            ended = [each for each in sentinels if each in ready]
            if self._pipe in ready and self._hear(watched, event):
                count -= 1
                if not count:
                    return True
            elif ended and self._pipe not in ready:  # nothing is left to be heard
                watched = [each for each in watched if each not in ended]
                for process in self._processes:
                    if process.sentinel in ended:
                        process.join()
                if not self._any_alive():
                    return False
        return self._any_alive()

    def _hear(self, watched: list[Any], event: int | None) -> bool:
        try:
            return bool(self._pipe.recv() == event)
        except EOFError:
            watched.remove(self._pipe)
            return False

    def _any_alive(self) -> bool:
        return any(process.exitcode is None for process in self._processes)

    def _was_good(self) -> bool:
        for process in self._processes:
            process.join()
        self.seconds = time.monotonic() - self._begin
        return all(process.exitcode == 0 for process in self._processes)
