"""Data that say themselves where they are: streams with a state, read by any number of workers."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from torch.utils.data import DataLoader, IterableDataset, get_worker_info

__all__ = ["StreamBatches", "keeps_own_place", "stream_changes", "tells_its_place"]


def keeps_own_place(loader: Any) -> bool:
    """Whether a loader says where it is, as torchdata's `StatefulDataLoader` does."""
    return hasattr(loader, "state_dict") and hasattr(loader, "load_state_dict")


def tells_its_place(loader: Any) -> bool:
    """Whether torch's loader reads a stream that says where it is."""
    dataset = getattr(loader, "dataset", None)
    return (
        isinstance(loader, DataLoader)
        and isinstance(dataset, IterableDataset)
        and hasattr(dataset, "state_dict")
        and hasattr(dataset, "load_state_dict")
    )


class _Placed(NamedTuple):
    """A batch, and where its worker then is."""

    batch: Any
    worker: int
    place: Any


class _Nothing:
    """Stands for a sample, and for a batch of such."""


class _Stream(IterableDataset[Any]):
    """A stream that goes on at a place.

    Loaders ask the first worker first. Where another one's turn is next, those before it, the late
    ones, give a batch of nothing first, which `StreamBatches` leaves out.
    """

    def __init__(self, dataset: Any, place: dict[str, Any] | None, *, batch_size: int) -> None:
        place = place or {"workers": 0, "last": -1, "places": {}}
        vars(self).update(
            _inner=dataset,
            _places=place["places"],
            _num_late=(place["last"] + 1) % max(place["workers"], 1),
            _batch_size=batch_size,
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._inner, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._inner, name, value)

    def __iter__(self) -> Iterator[Any]:
        worker = _worker()
        places, num_late = self._places, self._num_late
        vars(self).update(_places={}, _num_late=0)  # later passes of this worker begin anew
        if worker < num_late:
            for _ in range(self._batch_size):
                yield _Nothing()
        if worker in places:
            self._inner.load_state_dict(places[worker])
        yield from self._inner


class _Collate:
    """Tells with each batch where its worker is then."""

    def __init__(self, function: Callable[[Any], Any], stream: Any) -> None:
        self._function, self._stream = function, stream

    def __call__(self, data: Any) -> Any:
        if isinstance(data[0] if isinstance(data, list) and data else data, _Nothing):
            return _Nothing()
        place = copy.deepcopy(self._stream.state_dict())
        return _Placed(self._function(data), _worker(), place)


def stream_changes(loader: Any, place: dict[str, Any] | None) -> dict[str, Any]:
    """Return what a loader of a stream has to have for a pass that `StreamBatches` reads.

    Args:
        loader: of torch, for which `tells_its_place`.
        place: as `StreamBatches.place`; None for the beginning.
    """
    size = loader.batch_size or 1
    stream = _Stream(loader.dataset, place, batch_size=size)
    return {"dataset": stream, "collate_fn": _Collate(loader.collate_fn, loader.dataset)}


class StreamBatches(Iterator[Any]):
    """The batches of a loader that was changed by `stream_changes`.

    Args:
        batches: the loader's iterator.
        place: where the pass began.
        workers: how many processes read them.
    """

    def __init__(self, batches: Iterator[Any], place: dict[str, Any] | None, workers: int) -> None:
        self._batches, self._workers = batches, workers
        self._last = -1 if place is None else place["last"]
        self._places: dict[int, Any] = {} if place is None else dict(place["places"])

    def __next__(self) -> Any:
        while isinstance(found := next(self._batches), _Nothing):
            pass
        self._last = found.worker
        self._places[found.worker] = found.place
        return found.batch

    def place(self) -> dict[str, Any]:
        """Where the data are after the batch that was read last."""
        return {"workers": self._workers, "last": self._last, "places": dict(self._places)}

    def _shutdown_workers(self) -> None:
        if hasattr(self._batches, "_shutdown_workers"):
            self._batches._shutdown_workers()


def _worker() -> int:
    info: Any = get_worker_info()
    return 0 if info is None else info.id
