"""Rows: which instances an index picks, in the form that each kind of field is indexed with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine_structures.errors import FieldShapeError, FieldTypeError, MaskLengthError

__all__ = ["Rows"]

_INTEGERS = frozenset({torch.int64, torch.int32, torch.int16, torch.int8})


class Rows:
    """The rows that a list, an array or a tensor of integers or bools picks out of ``length``.

    A mask is turned into positions once, not once for each field.

    Raises:
        FieldTypeError: the index is of another type, dtype or number of dimensions.
        FieldShapeError: a mask does not have one element for each instance.
    """

    def __init__(self, index: Sequence[Any] | np.ndarray[Any, Any] | Tensor, length: int) -> None:
        given = _as_tensor(index)
        if given.dim() != 1:
            raise FieldTypeError(
                f"instances are indexed along one dimension: got an index of shape "
                f"{tuple(given.shape)}"
            )
        self.given = given
        self._is_mask = given.dtype == torch.bool
        if self._is_mask:
            if len(given) != length:
                raise FieldShapeError(
                    f"a mask needs one element for each of the {length} instances: got {len(given)}"
                )
            self._positions = given.nonzero().squeeze(1)  # (K,)
        elif given.dtype in _INTEGERS:
            self._positions = given.long()
        else:
            raise FieldTypeError(f"an index holds integers or bools: got {given.dtype}")

    @cached_property
    def _list(self) -> list[int]:
        positions: list[int] = self._positions.tolist()
        return positions

    @cached_property
    def _array(self) -> np.ndarray[Any, Any]:
        return self._positions.cpu().numpy()

    def of(self, value: Any) -> Any:
        """Return the rows of ``value``, in a container of the same kind."""
        if isinstance(value, Tensor | np.ndarray) and self._is_mask:
            self._check_mask(value)
        if isinstance(value, Tensor):
            positions = self._positions
            if positions.device != value.device:
                positions = positions.to(value.device)
            # index_select is the quicker one, but takes no negative positions
            return value.index_select(0, positions) if self._is_mask else value[positions]
        if isinstance(value, np.ndarray):
            return value[self._array]
        if isinstance(value, str):
            return "".join(value[i] for i in self._list)
        if isinstance(value, list):
            return [value[i] for i in self._list]
        if isinstance(value, tuple):
            return tuple(value[i] for i in self._list)
        if hasattr(value, "cat"):  # what it understands are ints and slices
            picked = [value[i : i + 1] for i in self._within(value)]
            return value.cat(picked) if picked else value[:0]
        return value[self.given]

    def _check_mask(self, value: Tensor | np.ndarray[Any, Any]) -> None:
        if len(value) != len(self.given):  # added while the element was empty
            raise MaskLengthError(
                f"a mask of {len(self.given)} picks from no field of length {len(value)}"
            )

    def _within(self, value: Any) -> list[int]:
        """The positions, counted from the front."""
        length = len(value)
        for i in self._list:
            if not -length <= i < length:
                raise IndexError(f"index {i} is out of range for {length} instances")
        return [i % length for i in self._list]


def _as_tensor(index: Any) -> Tensor:
    if isinstance(index, Tensor):
        return index
    if isinstance(index, np.ndarray):
        return torch.from_numpy(index) if index.size else torch.empty(0, dtype=torch.int64)
    if isinstance(index, list):
        try:
            return torch.tensor(index) if index else torch.empty(0, dtype=torch.int64)
        except (TypeError, ValueError, RuntimeError) as error:
            raise FieldTypeError(f"an index holds integers or bools: got {index!r:.80}") from error
    raise FieldTypeError(
        "instances are indexed by an int, a slice, a field's name, or a list, array or tensor of "
        f"integers or bools: got {type(index).__name__}"
    )
