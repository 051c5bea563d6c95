"""Which class was taken for which, and what follows from that."""

# Dimension names used in this file: C classes, N samples, and ... for pixels.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from engine_evaluator.mergeable import MergeableMetric
from engine_evaluator.select import Pick, predictions_of, targets_of

__all__ = ["ConfusionMatrix", "MeanIoU"]


class ConfusionMatrix(MergeableMetric):
    """How often each class was taken for each: as ``confusion_matrix/result``.

    Predictions are scores (N, C, ...), of which the greatest counts, or classes (N, ...); targets
    are classes (N, ...), of samples or of pixels.

    Args:
        num_classes: C.
        ignore_index: a target that doesn't count.
        pred: where the predictions are; see `predictions_of`.
        target: where the targets are; see `targets_of`.
        prefix: comes before each name, with a slash.

    Raises:
        ValueError: there is no class.
    """

    default_prefix: str | None = "confusion_matrix"
    counts: Tensor

    def __init__(
        self,
        num_classes: int,
        ignore_index: int | None = None,
        *,
        pred: Pick = None,
        target: Pick = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(prefix)
        if not isinstance(num_classes, int) or num_classes < 1:
            raise ValueError(
                f"{type(self).__name__}: num_classes must be a positive int, got {num_classes!r}"
            )
        self.num_classes = num_classes
        self.ignore_index = ignore_index
        self._pred, self._target = pred, target
        # A cell for each pair of classes, one for what is ignored, one for what is no class.
        self.add_state("counts", torch.zeros(num_classes**2 + 2, dtype=torch.int64))

    def update(self, data_batch: Any, data_samples: Sequence[Any]) -> None:
        """Count the pairs of a batch."""
        target = targets_of(self._target, data_batch, data_samples).to(self.counts.device)
        pred = predictions_of(self._pred, data_batch, data_samples).to(self.counts.device)
        if pred.is_floating_point():
            if pred.ndim < 2 or pred.shape[1] != self.num_classes:
                raise ValueError(
                    f"{type(self).__name__}: scores must have the shape (N, {self.num_classes}, "
                    f"...), got {tuple(pred.shape)}; predicted classes must be whole numbers"
                )
            pred = pred.argmax(dim=1)
        if pred.numel() != target.numel():
            raise ValueError(
                f"{type(self).__name__}: there are {pred.numel()} predictions, shape "
                f"{tuple(pred.shape)}, for {target.numel()} targets, shape {tuple(target.shape)}"
            )
        cells = self._cells(pred.flatten().long(), target.flatten().long())
        self.counts.scatter_add_(0, cells, torch.ones_like(cells))

    def _cells(self, pred: Tensor, target: Tensor) -> Tensor:
        """The cell of each pair; masks would wait for the device."""
        num = self.num_classes
        known = (target >= 0) & (target < num) & (pred >= 0) & (pred < num)
        cells = torch.where(known, target * num + pred, num**2 + 1)
        if self.ignore_index is None:
            return cells
        return torch.where(target == self.ignore_index, num**2, cells)

    def matrix(self) -> Tensor:
        """Return the counts (C, C): a row for each true class, a column for each predicted one.

        Raises:
            ValueError: a target or prediction was no class.
        """
        num = self.num_classes
        unknown = int(self.counts[-1])
        if unknown:
            raise ValueError(
                f"{type(self).__name__}: {unknown} targets or predictions are none of the classes "
                f"0 to {num - 1}: num_classes={num}, ignore_index={self.ignore_index}"
            )
        return self.counts[:-2].reshape(num, num).cpu()

    def compute(self) -> dict[str, Any]:
        """Return the matrix."""
        return {"result": self.matrix()}


class MeanIoU(ConfusionMatrix):
    """How well regions match their truth: ``mIoU``, ``mAcc``, ``mDice`` and ``aAcc``, from 0 to 1.

    Intersection over union, part of a class's pixels that was found, and Dice coefficient, as means
    over those classes that occur; and the part of all pixels that is right.

    Args:
        num_classes: C.
        ignore_index: a target that doesn't count.
        pred: where the predictions are; see `predictions_of`.
        target: where the targets are; see `targets_of`.
        prefix: comes before each name, with a slash.
        per_class: whether ``IoU/`` of each class is given, too; called after the data set's
            ``classes``, or by number.

    Raises:
        ValueError: there is no class.
    """

    default_prefix = None

    def __init__(
        self,
        num_classes: int,
        ignore_index: int | None = 255,
        *,
        pred: Pick = None,
        target: Pick = None,
        prefix: str | None = None,
        per_class: bool = False,
    ) -> None:
        super().__init__(num_classes, ignore_index, pred=pred, target=target, prefix=prefix)
        self.per_class = per_class

    def compute(self) -> dict[str, Any]:
        """Return the means, and what of the classes was asked for."""
        matrix = self.matrix().double()
        right, true, found = matrix.diag(), matrix.sum(dim=1), matrix.sum(dim=0)  # (C,) each
        iou = right / (true + found - right)  # NaN where the class doesn't occur
        numbers = {
            "mIoU": float(iou.nanmean()),
            "mAcc": float((right / true).nanmean()),
            "mDice": float((2 * right / (true + found)).nanmean()),
            "aAcc": float(right.sum() / matrix.sum()),
        }
        if self.per_class:
            names = (self.dataset_meta or {}).get("classes") or range(self.num_classes)
            numbers |= {
                f"IoU/{name}": value for name, value in zip(names, iou.tolist(), strict=True)
            }
        return numbers
