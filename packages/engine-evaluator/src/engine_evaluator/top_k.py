"""How many predictions are right."""

# Dimension names used in this file: N samples, C classes, K places that are looked at.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from engine_evaluator.mergeable import MergeableMetric
from engine_evaluator.select import Pick, predictions_of, targets_of

__all__ = ["TopKAccuracy"]


class TopKAccuracy(MergeableMetric):
    """The part of samples, from 0 to 1, whose class is among the best: as ``accuracy/top1``.

    Predictions are scores (N, C), or classes (N,), which are enough for the first place; targets
    are classes (N,).

    Args:
        topk: so many of the best scores are looked at; a number, or several for one name each.
        pred: where the predictions are; see `predictions_of`.
        target: where the targets are; see `targets_of`.
        prefix: comes before each name, with a slash.

    Raises:
        ValueError: ``topk`` isn't positive.
    """

    default_prefix = "accuracy"
    right: Tensor
    total: Tensor

    def __init__(
        self,
        topk: int | Sequence[int] = 1,
        *,
        pred: Pick = None,
        target: Pick = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(prefix)
        self.topk = (topk,) if isinstance(topk, int) else tuple(topk)
        if not self.topk or min(self.topk) < 1:
            raise ValueError(f"TopKAccuracy: topk must be positive, got {topk!r}")
        self._pred, self._target = pred, target
        self.add_state("right", torch.zeros(len(self.topk), dtype=torch.int64))
        self.add_state("total", torch.zeros((), dtype=torch.int64))

    def update(self, data_batch: Any, data_samples: Sequence[Any]) -> None:
        """Count what is right in a batch."""
        target = targets_of(self._target, data_batch, data_samples).to(self.right.device).flatten()
        pred = predictions_of(self._pred, data_batch, data_samples).to(self.right.device)
        if pred.is_floating_point() and pred.ndim == 2 and pred.shape[1] >= max(self.topk):
            best = _best(pred, max(self.topk))
        elif not pred.is_floating_point() and max(self.topk) == 1:
            best = pred.reshape(-1, 1)
        else:
            raise ValueError(
                f"TopKAccuracy: topk={self.topk} needs scores (N, C) with at least "
                f"{max(self.topk)} classes, got {pred.dtype} of the shape {tuple(pred.shape)}"
            )
        if len(best) != len(target):
            raise ValueError(f"TopKAccuracy: {len(best)} predictions for {len(target)} targets")
        hits = best == target[:, None]  # (N, K)
        self.right += torch.stack([hits[:, :k].any(dim=1).sum() for k in self.topk])
        self.total += len(target)

    def compute(self) -> dict[str, float]:
        """Return the part that is right, for each number of places."""
        parts = (self.right.double() / self.total).tolist()
        return {f"top{k}": part for k, part in zip(self.topk, parts, strict=True)}


def _best(scores: Tensor, number: int) -> Tensor:
    """The classes of the best scores (N, C), the best first: (N, number)."""
    if number == 1:
        return scores.argmax(dim=1, keepdim=True)  # several times as quick
    return scores.topk(number, dim=1).indices
