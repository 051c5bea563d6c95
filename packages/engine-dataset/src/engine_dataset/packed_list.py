"""Many small objects in two arrays, which processes share instead of copying.

A list of a million dicts is a hundred million Python objects, and each worker that looks at one
writes its reference count: the page is copied. Two arrays of bytes are never written to.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["PackedList"]


class PackedList(Sequence[Any]):
    """An unchangeable list, packed with pickle; each look returns a new object.

    Args:
        items: what it holds. Anything that can be pickled.
    """

    __slots__ = ("_bytes", "_data", "_ends", "_view")

    _loads: Callable[[memoryview], Any] = staticmethod(pickle.loads)

    def __init__(self, items: Iterable[Any]) -> None:
        packed = bytearray()
        ends = []
        for item in items:
            packed += pickle.dumps(item, protocol=pickle.HIGHEST_PROTOCOL)
            ends.append(len(packed))
        self._set(np.frombuffer(packed, dtype=np.uint8), np.asarray(ends, dtype=np.int64))

    @classmethod
    def from_arrays(cls, data: NDArray[np.uint8], ends: NDArray[np.int64]) -> PackedList:
        """Return the list of these arrays, as `arrays` gives them."""
        made = cls.__new__(cls)
        made._set(data, ends)
        return made

    def _set(self, data: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self._bytes = data
        self._ends = ends
        self._view = memoryview(data.data) if len(data) else memoryview(b"")
        self._data: tuple[Tensor, Tensor] | None = None  # both, once they are in shared memory

    @property
    def arrays(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The bytes of all items, and where each item ends in them."""
        return self._bytes, self._ends

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} of a list of {len(self)}")
        if index < 0:
            index += len(self)
        start = self._ends.item(index - 1) if index else 0
        return self._loads(self._view[start : self._ends.item(index)])

    def __iter__(self) -> Iterator[Any]:
        for index in range(len(self)):
            yield self[index]

    def subset(self, indices: Sequence[int]) -> PackedList:
        """Return a list of the items at ``indices``, without unpacking them."""
        chosen = np.asarray(indices, dtype=np.int64)
        ends = self._ends[chosen]
        starts = np.where(chosen > 0, self._ends[chosen - 1], 0)
        lengths = ends - starts
        parts = [self._bytes[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        data = np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint8)
        return self.from_arrays(data, np.cumsum(lengths))

    def __deepcopy__(self, memo: dict[int, Any]) -> PackedList:
        return self  # nothing of it can change

    def __reduce__(self) -> Any:
        """Workers that are not forked get the bytes as shared memory, not as a copy each."""
        if self._data is None:
            both = _shared(self._bytes), _shared(self._ends)
            self._set(both[0].numpy(), both[1].numpy())
            self._data = both
        return _unpickled, (*self._data, type(self))


def _shared(values: NDArray[Any]) -> Tensor:
    copied = torch.from_numpy(values.copy())
    copied.untyped_storage().share_memory_()
    return copied


def _unpickled(data: Tensor, ends: Tensor, kind: type[PackedList]) -> PackedList:
    return kind.from_arrays(data.numpy(), ends.numpy())
