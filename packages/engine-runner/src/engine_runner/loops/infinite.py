"""Passes over data without an end."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from typing import Any

from engine_runner.loaders import num_batches as batches_in
from engine_runner.loaders import tell_epoch
from engine_runner.loops.pass_start import Opening
from engine_runner.loops.resume_position import Reading, is_endless, numbered
from engine_runner.loops.stateful_loader import keeps_own_place
from engine_runner.state import TrainState

__all__ = ["InfiniteBatches"]


class InfiniteBatches:
    """The batches of a loader, pass after pass, each telling the sampler its number.

    Args:
        dataloader: the loader.
        reading: as of `numbered`, for each pass.
        opening: what begins each pass.
    """

    def __init__(
        self,
        dataloader: Any,
        reading: Reading | None = None,
        opening: Opening | None = None,
    ) -> None:
        self._dataloader, self._reading = dataloader, reading
        self._opening = Opening(TrainState()) if opening is None else opening
        self._iterator: Generator[tuple[int, Any]] | None = None
        self._epoch = 0
        self._start = 0

    def skip(self, num_batches: int, began: tuple[int, int] | None = None) -> None:
        """Begin after so many batches; only before the first one.

        A pass that was opened before is given up, unless it is the one to begin with.

        Args:
            num_batches: of all passes.
            began: which pass that is, from 0, and the number of its first batch; for data without
                a length, which can't tell, and loaders that end a pass by themselves.
        """
        if num_batches:
            self.close()
        length = batches_in(self._dataloader)
        if began is not None and (length is None or keeps_own_place(self._dataloader)):
            self._epoch, self._start = began[0], num_batches - began[1]
        elif length is None or is_endless(self._dataloader):
            self._epoch, self._start = 0, num_batches
        else:
            self._epoch, self._start = divmod(num_batches, length)

    def open(self) -> None:
        """Begin the first pass: workers start to read, and the process's generators are drawn on.

        What an error keeps from being read is let go of by `close`.
        """
        if self._iterator is None:
            self._iterator = self._begun()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        self.open()
        assert self._iterator is not None
        try:
            return next(self._iterator)[1]
        except StopIteration:
            level = logging.DEBUG if self._epoch else logging.WARNING  # once is enough
            logging.getLogger(__name__).log(
                level,
                "pass %d over the data is over, another one begins; an InfiniteSampler would let "
                "the samples of different passes share a batch",
                self._epoch + 1,
            )
            self._epoch, self._start = self._epoch + 1, 0
            self._iterator = self._begun()
        try:
            return next(self._iterator)[1]
        except StopIteration:
            raise ValueError("the data loader gives no batches: its data set is empty") from None

    def _begun(self) -> Generator[tuple[int, Any]]:
        loader, start = self._dataloader, self._start
        tell_epoch(loader, self._epoch)
        opened = self._opening(loader, start, self._epoch)
        return numbered(loader, start, self._reading, opened=opened)

    def close(self) -> None:
        """Let go of the pass that is going on."""
        if self._iterator is not None:
            self._iterator.close()
        self._iterator = None
