"""LabelData: labels of a whole sample, as indices or one-hot."""

from __future__ import annotations

import torch
from torch import Tensor

from engine_structures.base_data_element import BaseDataElement
from engine_structures.errors import FieldShapeError, FieldTypeError

__all__ = ["LabelData"]


class LabelData(BaseDataElement):
    """Labels of a whole sample, such as the classes in an image."""

    @staticmethod
    def label_to_onehot(label: Tensor, num_classes: int) -> Tensor:
        """Return (num_classes,) of ``label``'s dtype with 1 at each of the indices ``label`` (N,).

        Raises:
            FieldTypeError: ``label`` is no tensor.
            FieldShapeError: a label is not in [0, num_classes).
        """
        if not isinstance(label, Tensor):
            raise FieldTypeError(f"label must be a tensor: got {type(label).__name__}")
        if label.numel() and not 0 <= int(label.min()) <= int(label.max()) < num_classes:
            raise FieldShapeError(f"labels must lie in [0, {num_classes}): got {label.tolist()}")
        return torch.zeros(num_classes, dtype=label.dtype, device=label.device).scatter_(
            0, label.long(), 1
        )

    @staticmethod
    def onehot_to_label(onehot: Tensor) -> Tensor:
        """Return the indices (N,), int64, at which ``onehot`` (num_classes,) is 1.

        Raises:
            FieldTypeError: ``onehot`` is no tensor.
            FieldShapeError: it has several dimensions, or a value that is neither 0 nor 1.
        """
        if not isinstance(onehot, Tensor):
            raise FieldTypeError(f"onehot must be a tensor: got {type(onehot).__name__}")
        if onehot.dim() != 1 or bool(((onehot != 0) & (onehot != 1)).any()):
            raise FieldShapeError(f"onehot must be one row of zeros and ones: got {onehot!r:.200}")
        return onehot.nonzero().squeeze(1)
