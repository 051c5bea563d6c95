"""Reading batches ahead, and moving them to the device, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from queue import Empty, SimpleQueue
from typing import Any

import torch
from torch import Tensor

from engine_dist.wrapping import without_wrapper
from engine_runner.protocols import RunnerLike
from engine_structures import BaseDataElement

__all__ = ["Prefetcher", "device_mover"]

_ALIVE_S = 1.0  # how long a wait can't be interrupted where Ctrl-C doesn't end one (Windows)


class Prefetcher(Iterator[Any]):
    """The items of an iterator, up to ``number`` of them read before they are asked for.

    An exception of the iterator comes when its item is due. `close` ends the thread.

    Args:
        items: the iterator, which the thread alone uses from now on.
        number: how many items may wait.
        prepare: what is done with each in the thread.
        receive: what is done with each in the thread that asks for it.
        begin: what is done in the thread first.
    """

    def __init__(
        self,
        items: Iterator[Any],
        number: int,
        *,
        prepare: Callable[[Any], Any] | None = None,
        receive: Callable[[Any], Any] | None = None,
        begin: Callable[[], None] | None = None,
    ) -> None:
        self._items, self._prepare, self._receive = items, prepare, receive
        self._begin = begin
        self._ready: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._free = threading.Semaphore(number)
        self._is_over = False
        self._thread = threading.Thread(target=self._read, name="batches ahead", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            if self._begin is not None:
                self._begin()
            while self._free.acquire() and not self._is_over:
                item = next(self._items)
                self._ready.put((item if self._prepare is None else self._prepare(item), None))
        except StopIteration:  # a new one: its traceback would hold on to a loader's workers
            self._ready.put((None, StopIteration()))
        except BaseException as error:
            self._ready.put((None, error))

    def __next__(self) -> Any:
        if self._is_over:
            raise StopIteration
        item, error = self._wait()
        if error is not None:
            self.close()
            raise error
        self._free.release()
        return item if self._receive is None else self._receive(item)

    def _wait(self) -> tuple[Any, BaseException | None]:
        while True:
            try:
                return self._ready.get(timeout=_ALIVE_S)
            except Empty:
                continue

    def close(self) -> None:
        """End the thread, as soon as it has read what it is reading."""
        self._is_over = True
        self._free.release()
        self._thread.join()
        self._items = iter(())


def device_mover(runner: RunnerLike) -> dict[str, Callable[..., Any]]:
    """Return what `Prefetcher` has to do to get batches to the model's device; on the CPU, nothing.

    Copies run on a stream of their own, by the `cast_data` of the model's preprocessor.
    """
    model = without_wrapper(runner.model)
    preprocessor = getattr(model, "data_preprocessor", None)
    device = getattr(preprocessor, "device", torch.device("cpu"))
    cast = getattr(preprocessor, "cast_data", None)
    if device.type in ("cpu", "mps") or cast is None:  # mps has one stream
        return {}
    accelerator: Any = torch.accelerator
    side = torch.Stream(device)

    def begin() -> None:
        accelerator.set_stream(side)  # of this thread

    def prepare(batch: Any) -> tuple[Any, Any]:
        moved = cast(batch)
        return moved, side.record_event()

    def receive(pair: tuple[Any, Any]) -> Any:
        batch, copied = pair
        current = accelerator.current_stream(device)
        current.wait_event(copied)
        for tensor in _tensors(batch):
            if tensor.device == device:
                tensor.record_stream(current)  # its memory isn't free before the model is done
        return batch

    return {"begin": begin, "prepare": prepare, "receive": receive}


def _tensors(data: Any) -> Iterator[Tensor]:
    if isinstance(data, Tensor):
        yield data
    elif isinstance(data, Mapping | BaseDataElement):
        for each in data.values():
            yield from _tensors(each)
    elif isinstance(data, list | tuple):
        for each in data:
            yield from _tensors(each)
