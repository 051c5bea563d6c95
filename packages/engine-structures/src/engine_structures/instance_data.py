"""InstanceData: fields that all have one entry for each instance of a sample."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Self, TypeVar, overload

import numpy as np
import torch
from torch import Tensor

from engine_structures.base_data_element import BaseDataElement
from engine_structures.errors import FieldShapeError, FieldTypeError
from engine_structures.selection import Rows

__all__ = ["InstanceData"]

T = TypeVar("T", bound="InstanceData")
Index = int | slice | list[int] | list[bool] | np.ndarray[Any, Any] | Tensor


class InstanceData(BaseDataElement):
    """Annotations or predictions of the N instances in a sample; every field has length N.

    A field may be a tensor, an array, a list, a tuple, a string, or any container with
    ``__len__`` and ``__getitem__`` (and ``cat``, to be concatenated).
    """

    def _accepted(self, name: str, value: Any) -> Any:
        if not hasattr(value, "__len__"):
            raise FieldTypeError(
                f"{type(self).__name__}.{name} must have a length, one entry for each instance: "
                f"got {type(value).__name__} {value!r:.80}"
            )
        others = [other for other in self._data_fields if other != name]
        # an element of no instances may be filled field by field
        if others and len(self) not in (0, len(value)):
            raise FieldShapeError(
                f"{type(self).__name__}.{name} must have {len(self)} entries, as "
                f"{', '.join(map(self._public, others))} do: got {len(value)}"
            )
        return value

    def __len__(self) -> int:
        for name in self._data_fields:
            return len(getattr(self, name))
        return 0

    @overload
    def __getitem__(self, item: str) -> Any: ...
    @overload
    def __getitem__(self, item: Index) -> Self: ...
    def __getitem__(self, item: str | Index) -> Any:
        """Return the field of that name, or the instances that ``item`` picks.

        Args:
            item: a field's name, an int (gives one instance, not a scalar), a slice, or a list,
                array or tensor of integers or bools.

        Raises:
            IndexError: an int or a position is out of range.
            FieldTypeError: ``item`` is none of these.
            FieldShapeError: a mask does not have one element for each instance.
        """
        if isinstance(item, str):
            return getattr(self, item)
        if isinstance(item, int | np.integer):
            item = self._slice_of(int(item))
        if isinstance(item, slice):
            return self._like({name: value[item] for name, value in self._data().items()})
        rows = Rows(item, len(self))
        return self._like({name: rows.of(value) for name, value in self._data().items()})

    def __setitem__(self, name: str, value: Any) -> None:
        """Store ``value`` as the field ``name``, as if it were assigned to the attribute."""
        setattr(self, name, value)

    def _slice_of(self, position: int) -> slice:
        length = len(self)
        if not -length <= position < length:
            raise IndexError(f"index {position} is out of range for {length} instances")
        position %= length
        return slice(position, position + 1)

    @staticmethod
    def cat(instances_list: Sequence[T]) -> T:
        """Return the instances of all elements in one, with the first one's meta information.

        Raises:
            ValueError: the list is empty, or a field cannot be concatenated.
            FieldTypeError: an element is no InstanceData.
            FieldShapeError: the elements do not all have the same fields.
        """
        if not instances_list:
            raise ValueError("cat needs at least one InstanceData: got an empty list")
        for instances in instances_list:
            if not isinstance(instances, InstanceData):
                raise FieldTypeError(f"cat takes InstanceData: got {type(instances).__name__}")
        first = instances_list[0]
        if len(instances_list) == 1:
            return first
        for i, instances in enumerate(instances_list):
            if instances._data_fields.keys() != first._data_fields.keys():
                raise FieldShapeError(
                    f"cat needs the same fields everywhere: element 0 has {first.keys()}, "
                    f"element {i} has {instances.keys()}"
                )
        data = [instances._data() for instances in instances_list]
        return first._like({name: _joined(name, [d[name] for d in data]) for name in data[0]})


def _joined(name: str, values: list[Any]) -> Any:
    """Concatenate the values of one field."""
    first = values[0]
    if isinstance(first, Tensor):
        return torch.cat(values, dim=0)
    if isinstance(first, np.ndarray):
        return np.concatenate(values, axis=0)
    if isinstance(first, str):
        return "".join(values)
    if isinstance(first, list | tuple):
        return type(first)(itertools.chain(*values))
    if hasattr(first, "cat"):
        return first.cat(values)
    raise ValueError(
        f"field {name!r} cannot be concatenated: {type(first).__name__} has no `cat`; give it a "
        f"static method cat(list) that returns one {type(first).__name__}"
    )
