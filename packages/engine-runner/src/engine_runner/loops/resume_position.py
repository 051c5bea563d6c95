"""Passes over data: counted, and begun in the middle without reading what comes before."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import nullcontext
from typing import Any

from torch.utils.data import DataLoader, IterableDataset

from engine_dataset.worker_init import worker_init_fn
from engine_dataset.worker_shutdown import end_workers, hold_signals, watch_workers
from engine_runner.loaders import num_batches, samplers_of

__all__ = [
    "Reading",
    "Tag",
    "batches_from",
    "draws_to_begin",
    "dropped",
    "is_endless",
    "is_map_style",
    "length_of_pass",
    "numbered",
]

logger = logging.getLogger(__name__)

Reading = Callable[[Iterator[Any]], Iterator[Any]]
Tag = Callable[[Iterable[Any]], Iterator[Any]]


def batches_from(
    loader: Any,
    start: int,
    *,
    then: Callable[[], None] | None = None,
    tag: Tag | None = None,
    tell: Callable[[int, int], None] | None = None,
    **changes: Any,
) -> Iterator[Any]:
    """Return the iterator of a pass over ``loader``, without its first ``start`` batches.

    Of a map-style data set the samples before are not read: only their indices are drawn from the
    sampler. What is no `DataLoader` of torch's, or streams its data, is read and dropped.

    Args:
        loader: the data.
        start: how many batches to leave out.
        then: what to do when these have been left out.
        tag: what is made of a map-style data set's indices.
        tell: is told how many batches were read and dropped, and of how many.
        changes: attributes of torch's loader, for this pass.
    """
    if not is_map_style(loader):
        batches = _begun(loader, changes)
        dropped(batches, start, tell)
        if then is not None:
            then()
        return batches
    if start or then or tag:
        name = "sampler" if loader.batch_sampler is None else "batch_sampler"
        changes[name] = _Indices(getattr(loader, name), start, then=then, tag=tag)
    if start:
        changes["_iterator"] = None  # workers that persist would go on with the sampler they know
    return _begun(loader, changes)


def _begun(loader: Any, changes: dict[str, Any]) -> Iterator[Any]:
    """A loader's iterator, made while it has other attributes."""
    if not changes:
        return _started(loader)
    # torch takes these from the loader when a pass begins, and lets nobody set them.
    held = vars(loader)
    kept = {key: held[key] for key in changes if key != "_iterator"}
    held.update(changes)
    try:
        return _started(loader)
    finally:
        held.update(kept)


def _started(loader: Any) -> Iterator[Any]:
    """A loader's iterator, whose workers a signal to all processes doesn't end at their start."""
    is_ours = getattr(getattr(loader, "worker_init_fn", None), "func", None) is worker_init_fn
    with hold_signals() if is_ours else nullcontext():
        batches: Iterator[Any] = iter(loader)
    watch_workers(batches)
    return batches


def dropped(
    batches: Iterator[Any], number: int, tell: Callable[[int, int], None] | None = None
) -> None:
    """Read so many batches, and drop them; ``tell`` is told how many were read, of how many."""
    if not number:
        return
    logger.warning("the data can't be entered in the middle: reading %d batches over", number)
    for done, _ in enumerate(zip(range(number), batches, strict=False), start=1):
        if tell is not None:
            tell(done, number)


def draws_to_begin(loader: Any, *, is_first: bool) -> bool:
    """Whether torch draws a number of the process's generator to begin a pass over a loader."""
    if not isinstance(loader, DataLoader) or loader.generator is not None:
        return False
    return is_first or not loader.persistent_workers


def is_map_style(loader: Any) -> bool:
    """Whether samples are read by their indices, so that a pass can be entered in the middle."""
    return isinstance(loader, DataLoader) and not isinstance(loader.dataset, IterableDataset)


def numbered(
    loader: Any,
    start: int = 0,
    reading: Reading | None = None,
    *,
    opened: Iterator[Any] | None = None,
    most: int | None = None,
) -> Generator[tuple[int, Any]]:
    """Yield number and batch of a pass over ``loader``, from ``start`` on, and before ``most``.

    ``reading`` gets the loader's iterator, which is ``opened`` or made here, and returns the one
    to read. What goes wrong while a batch is read gets a note that says which one it was. Closed
    before its end, it ends the loader's workers: an error holds on to them, and keeps them from
    ending.
    """
    index = start
    own = batches_from(loader, start) if opened is None else opened
    batches = own if reading is None else reading(own)
    try:
        while most is None or index < most:
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
        _let_go(loader, own, batches)
        raise
    _let_go(loader, own, batches)


def _let_go(loader: Any, own: Iterator[Any], batches: Iterator[Any]) -> None:
    """End what reads a pass that is left before its end."""
    if batches is not own and hasattr(batches, "close"):
        batches.close()
    _end_workers(loader, own)


def _end_workers(loader: Any, batches: Any) -> None:
    """End the processes that read ``batches``; waiting for the garbage collector takes seconds."""
    end_workers(batches)
    if isinstance(loader, DataLoader) and loader._iterator is batches:
        loader._iterator = None


def is_endless(loader: Any) -> bool:
    """Whether a pass over the loader never ends, as with an `InfiniteSampler`."""
    samplers = [*samplers_of(loader), getattr(loader, "batch_sampler", None)]
    return any("Infinite" in type(each).__name__ for each in samplers)


def length_of_pass(loader: Any) -> int | None:
    """Return where a pass over a loader that never ends shall end; None if it ends by itself."""
    length = num_batches(loader)
    if length is None or not is_endless(loader):  # torch names its sampler of streams so, too
        return None
    sampler = next((type(each).__name__ for each in samplers_of(loader)), "its sampler")
    logger.warning(
        "%s never ends, and here a pass has to: it is one of %d batches, as the loader's length "
        "says",
        *(sampler, length),
    )
    return length


class _Indices:
    """What a sampler draws, without its first draws in the first pass.

    Only the first: workers that persist ask for every later pass, too.
    """

    def __init__(
        self, sampler: Any, start: int, *, then: Callable[[], None] | None, tag: Tag | None
    ) -> None:
        self._sampler, self._start, self._then, self._tag = sampler, start, then, tag

    def __iter__(self) -> Iterator[Any]:
        # Torch may ask for two iterators and draw from the second one alone.
        start, self._start = self._start, 0
        then, self._then = self._then, None
        drawn = iter(self._sampler if self._tag is None else self._tag(self._sampler))
        for _ in zip(range(start), drawn, strict=False):
            pass
        if then is not None:
            then()
        yield from drawn

    def __len__(self) -> int:
        return max(len(self._sampler) - self._start, 0)
