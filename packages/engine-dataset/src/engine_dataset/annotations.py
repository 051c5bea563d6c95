"""Where a data set keeps its annotations: in a list, or packed in two arrays."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine_dataset.annotation_index import TextList
from engine_dataset.packed_list import PackedList

__all__ = ["StoredAnnotations"]


class StoredAnnotations:
    """The annotations of a data set, under MMEngine's names, which its subclasses assign.

    Attributes:
        serialize_data: whether they are packed; ``"mmap"``: in an index, which is mapped.
        data_list: the annotations, unless they are packed.
        index_dir: the folder of the index; None is `cache_folder`.
        index_ignores: names of attributes that the annotations don't depend on.
    """

    serialize_data: bool | str = True
    index_dir: str | None = None
    index_ignores: tuple[str, ...] = ()
    ann_file: str | None = ""
    data_list: Any = ()
    _packed: PackedList | None = None

    @property
    def data_bytes(self) -> Any:
        """The packed annotations, an array (num_bytes,) of uint8; empty if they aren't packed."""
        return np.zeros(0, np.uint8) if self._packed is None else self._packed.arrays[0]

    @data_bytes.setter
    def data_bytes(self, value: Any) -> None:
        self._packed = self._packing.from_arrays(np.asarray(value), self.data_address)

    @property
    def data_address(self) -> Any:
        """Where each annotation ends in `data_bytes`, an array (N,) of int64."""
        return np.zeros(0, np.int64) if self._packed is None else self._packed.arrays[1]

    @data_address.setter
    def data_address(self, value: Any) -> None:
        self._packed = self._packing.from_arrays(self.data_bytes, np.asarray(value))

    @property
    def _packing(self) -> type[PackedList]:
        """How the annotations are packed: as an index has them, or as pickles."""
        return TextList if isinstance(self._packed, TextList) else PackedList

    def index_sources(self) -> Sequence[str]:
        """The files that the annotations come from: a change of one makes an index out of date."""
        return [self.ann_file] if self.ann_file else []

    def _takes_index(self) -> bool:
        """Whether annotations come from an index."""
        if self.serialize_data != "mmap":
            if isinstance(self.serialize_data, str):
                given = self.serialize_data
                raise ValueError(f'serialize_data must be a bool or "mmap", got {given!r}')
            return False
        return type(self)._serialize_data is StoredAnnotations._serialize_data

    def _serialize_data(self) -> tuple[Any, Any]:
        """Return `data_list` as `data_bytes` and `data_address`, and empty it."""
        if self.serialize_data == "mmap":
            warnings.warn(
                f"{type(self).__name__} loads its annotations by a full_init of its own, so they "
                "are packed in memory, and not mapped from an index",
                stacklevel=2,
            )
        packed = PackedList(self.data_list)
        self.data_list = []
        return packed.arrays

    @property
    def _kept(self) -> PackedList | None:
        """The packed annotations; None where `data_list` holds them."""
        return self._packed if self.serialize_data else None

    def _get_serialized_subset(self, indices: Sequence[int] | int) -> tuple[Any, Any]:
        packed = PackedList.from_arrays(self.data_bytes, self.data_address)
        return packed.subset(self._chosen(indices)).arrays

    def _get_unserialized_subset(self, indices: Sequence[int] | int) -> list[dict[str, Any]]:
        return [copy.deepcopy(self.data_list[index]) for index in self._chosen(indices)]

    def _chosen(self, indices: Sequence[int] | int) -> list[int]:
        size = len(self.data_list if self._kept is None else self._kept)
        if isinstance(indices, int):
            return [*range(size)[:indices]] if indices >= 0 else [*range(size)[indices:]]
        given: Any = indices
        if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray):
            raise TypeError(f"indices must be an int or a sequence of ints, got {indices!r}")
        chosen = [int(index) for index in indices]
        for index in chosen:
            if not -size <= index < size:
                raise IndexError(f"indices has {index}; {type(self).__name__} has {size} samples")
        return [index % size for index in chosen]
