"""Beginning in the middle of the data, without reading what comes before."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

__all__ = ["batches_from"]

logger = logging.getLogger(__name__)


def batches_from(loader: Iterable[Any], start: int) -> Iterable[Any]:
    """Return the batches of a pass over ``loader``, without the first ``start``.

    Of a map-style data set the samples before are not read: only their indices are drawn from the
    sampler. What is no `DataLoader` of torch's, or streams its data, is read and dropped.
    """
    if not start:
        return loader
    sampler = getattr(loader, "batch_sampler", None)
    if sampler is None:
        logger.warning("the data can't be entered in the middle: reading %d batches over", start)
        return islice(loader, start, None)
    return _Later(loader, sampler, start)


class _Later:
    """A loader whose next pass begins later."""

    def __init__(self, loader: Any, sampler: Iterable[Any], start: int) -> None:
        self._loader, self._sampler, self._start = loader, sampler, start

    def __iter__(self) -> Iterator[Any]:
        # torch takes the batch sampler from the loader when a pass begins, and lets nobody set it.
        held = vars(self._loader)
        held["batch_sampler"] = _Rest(self._sampler, self._start)
        try:
            batches: Iterator[Any] = iter(self._loader)
        finally:
            held["batch_sampler"] = self._sampler
        return batches


class _Rest:
    """A batch sampler without its first batches."""

    def __init__(self, sampler: Any, start: int) -> None:
        self._sampler, self._start = sampler, start

    def __iter__(self) -> Iterator[Any]:
        return islice(iter(self._sampler), self._start, None)

    def __len__(self) -> int:
        return max(len(self._sampler) - self._start, 0)
