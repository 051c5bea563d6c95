"""How long a training waits for its data."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

__all__ = ["Waits"]


class Waits:
    """Adds up how long batches are waited for.

    Attributes:
        first: seconds, for the first batch of each pass.
        later: seconds, for all others.
    """

    __slots__ = ("first", "later")

    def __init__(self) -> None:
        self.first = self.later = 0.0

    def timed(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Yield the batches of a pass, and count."""
        clock = time.perf_counter
        begin = clock()
        try:
            for batch in batches:
                self.first += clock() - begin
                yield batch
                break
            while True:
                begin = clock()
                try:
                    batch = next(batches)
                except StopIteration:
                    return
                self.later += clock() - begin
                yield batch
        finally:
            if hasattr(batches, "close"):
                batches.close()
