"""What one rank has heard, all ranks know: at the same iteration, and at next to no cost."""

from __future__ import annotations

import time
from typing import Final

import torch
from torch import distributed as dist

from engine_dist import all_reduce, get_backend, is_distributed

__all__ = ["Agreement"]

_PERIOD_US: Final = 1_000_000  # how often to agree, if iterations are shorter
_MOST: Final = 1000  # iterations between agreements


class Agreement:
    """Reduces a number over all ranks every few iterations; of one process it costs nothing.

    How many these are is agreed on, too: as many as the slowest rank does in a second. The numbers
    travel from CPU to CPU: no device is waited for.

    Args:
        interval: iterations between agreements; None for as many as take a second.
    """

    def __init__(self, interval: int | None = None) -> None:
        self._is_alone = not is_distributed()
        self._interval = interval
        self._left = self._last = interval or 1
        self._since = time.perf_counter()
        self._group: dist.ProcessGroup | None = None
        if not self._is_alone and get_backend() != "gloo" and dist.is_gloo_available():
            self._group = dist.new_group(backend="gloo")

    def __call__(self, own: int) -> int:
        """Return the largest number of any rank if this is the time to ask, and else 0.

        Every rank has to call it once in every iteration.
        """
        if self._is_alone:
            return own
        self._left -= 1
        return 0 if self._left else self._ask(own)

    def _ask(self, own: int) -> int:
        now = time.perf_counter()
        took_us = int((now - self._since) / self._last * 1e6)
        told = torch.tensor([own, max(took_us, 1)])
        all_reduce(told, "max", self._group)
        largest, slowest_us = told.tolist()
        self._last = self._interval or min(max(_PERIOD_US // slowest_us, 1), _MOST)
        self._left, self._since = self._last, time.perf_counter()
        return int(largest)

    def close(self) -> None:
        """Give the group of its own back."""
        group, self._group = self._group, None
        if group is not None and is_distributed():
            dist.destroy_process_group(group)
