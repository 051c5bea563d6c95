"""PixelData: fields that all have one value, or one vector, for each pixel of an image."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from torch import Tensor

from engine_structures.base_data_element import BaseDataElement
from engine_structures.errors import FieldShapeError, FieldTypeError

__all__ = ["PixelData"]


class PixelData(BaseDataElement):
    """Annotations or predictions for the pixels of an image; every field is (C, H, W).

    A field of shape (H, W) becomes (1, H, W), with a warning.
    """

    def _accepted(self, name: str, value: Any) -> Any:
        if not isinstance(value, Tensor | np.ndarray):
            raise FieldTypeError(
                f"{type(self).__name__}.{name} must be a tensor or an array: "
                f"got {type(value).__name__} {value!r:.80}"
            )
        size = tuple(value.shape[-2:])
        if value.ndim not in (2, 3):
            raise FieldShapeError(
                f"{type(self).__name__}.{name} must be (C, H, W) or (H, W): "
                f"got shape {tuple(value.shape)}"
            )
        if self.shape is not None and self.shape != size:
            raise FieldShapeError(
                f"{type(self).__name__}.{name} must have height and width {self.shape}, as "
                f"{', '.join(self.keys())} do: got {size}"
            )
        if value.ndim == 2:
            warnings.warn(f"{name} of shape {size} becomes {(1, *size)}", stacklevel=3)
            value = value[None]  # (1, H, W)
        return value

    @property
    def shape(self) -> tuple[int, int] | None:
        """(H, W) of all fields; None where there are none."""
        for name in self._data_fields:
            height, width = getattr(self, name).shape[-2:]
            return int(height), int(width)
        return None

    def __getitem__(self, item: tuple[int | slice, int | slice]) -> Self:
        """Return the pixels at (rows, columns), each an int or a slice; an int keeps its axis.

        Raises:
            FieldTypeError: ``item`` is not two ints or slices.
            IndexError: an int is out of range.
        """
        if not isinstance(item, tuple) or len(item) != 2:
            raise FieldTypeError(
                f"PixelData is indexed by [rows, columns], each an int or a slice: got {item!r:.80}"
            )
        height, width = self.shape or (0, 0)
        window = (..., _slice_of(item[0], height), _slice_of(item[1], width))
        return self._like({name: value[window] for name, value in self._data().items()})


def _slice_of(index: object, size: int) -> slice:
    """Return the slice that picks ``index`` along an axis of ``size`` pixels."""
    if isinstance(index, slice):
        return index
    if not isinstance(index, int | np.integer):
        raise FieldTypeError(
            f"rows and columns of PixelData are picked by an int or a slice: "
            f"got {type(index).__name__}"
        )
    position = int(index)
    if not -size <= position < size:
        raise IndexError(f"pixel {position} is out of range for an axis of {size}")
    position %= size
    return slice(position, position + 1)
