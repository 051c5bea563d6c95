"""Passes over data: counted, and begun in the middle without reading what comes before."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from typing import Any

from torch.utils.data import DataLoader, IterableDataset

from engine_runner.loaders import samplers_of

__all__ = ["Reading", "batches_from", "is_endless", "numbered"]

logger = logging.getLogger(__name__)

Reading = Callable[[Iterator[Any]], Iterator[Any]]


def batches_from(loader: Iterable[Any], start: int) -> Iterable[Any]:
    """Return the batches of a pass over ``loader``, without the first ``start``.

    Of a map-style data set the samples before are not read: only their indices are drawn from the
    sampler. What is no `DataLoader` of torch's, or streams its data, is read and dropped.
    """
    if not start:
        return loader
    given: Any = loader
    if not isinstance(given, DataLoader) or isinstance(given.dataset, IterableDataset):
        logger.warning("the data can't be entered in the middle: reading %d batches over", start)
        return islice(loader, start, None)
    return _Later(given, "sampler" if given.batch_sampler is None else "batch_sampler", start)


def numbered(
    loader: Any, start: int = 0, reading: Reading | None = None
) -> Generator[tuple[int, Any]]:
    """Yield number and batch of a pass over ``loader``, from the number ``start`` on.

    ``reading`` gets the loader's iterator, which is made here, and returns the one to read. What
    goes wrong while a batch is read gets a note that says which one it was. Closed before its
    end, it ends the loader's workers: an error holds on to them, and keeps them from ending.
    """
    index = start
    own = iter(batches_from(loader, start))
    batches = own if reading is None else reading(own)
    try:
        while True:
            try:
                batch = next(batches)
            except StopIteration:
                return
            except Exception as error:
                dataset = type(getattr(loader, "dataset", loader)).__name__
                error.add_note(f"while batch {index + 1} of {dataset} was read (they count from 1)")
                raise
            yield index, batch
            index += 1
    except BaseException:
        if batches is not own and hasattr(batches, "close"):
            batches.close()
        _end_workers(loader, own)
        raise


def _end_workers(loader: Any, batches: Any) -> None:
    """End the processes that read ``batches``; waiting for the garbage collector takes seconds."""
    if hasattr(batches, "_shutdown_workers"):
        batches._shutdown_workers()
    if isinstance(loader, DataLoader) and loader._iterator is batches:
        loader._iterator = None


def is_endless(loader: Any) -> bool:
    """Whether a pass over the loader never ends, as with an `InfiniteSampler`."""
    samplers = [*samplers_of(loader), getattr(loader, "batch_sampler", None)]
    return any("Infinite" in type(each).__name__ for each in samplers)


class _Later:
    """A loader whose next pass begins later."""

    def __init__(self, loader: Any, name: str, start: int) -> None:
        self._loader, self._name, self._start = loader, name, start

    def __iter__(self) -> Iterator[Any]:
        # torch takes the sampler from the loader when a pass begins, and lets nobody set it.
        held = vars(self._loader)
        sampler = held[self._name]
        held[self._name] = _Rest(sampler, self._start)
        held["_iterator"] = None  # workers that persist would go on with the sampler they know
        try:
            batches: Iterator[Any] = iter(self._loader)
        finally:
            held[self._name] = sampler
        return batches


class _Rest:
    """A sampler whose first pass is without its first draws.

    Only the first: workers that persist ask for every later pass, too.
    """

    def __init__(self, sampler: Any, start: int) -> None:
        self._sampler, self._start = sampler, start

    def __iter__(self) -> Iterator[Any]:
        # Torch may ask for two iterators and draw from the second one alone.
        start, self._start = self._start, 0
        yield from islice(self._sampler, start, None)

    def __len__(self) -> int:
        return max(len(self._sampler) - self._start, 0)
