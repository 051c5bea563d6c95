"""Losses of a validation or test, which a model may give beside its predictions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from engine_dist import all_reduce, is_distributed
from engine_structures import BaseDataElement

__all__ = ["EvaluationLosses"]


class EvaluationLosses:
    """Means of losses over a pass.

    A model gives them as one more prediction, the last one: a data element whose only field
    ``loss`` holds a dict as of a training.
    """

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def take(self, outputs: Sequence[Any]) -> Sequence[Any]:
        """Return the predictions for a batch without the losses, which are put down.

        Raises:
            TypeError: the field ``loss`` holds no dict.
        """
        last = outputs[-1] if isinstance(outputs, list | tuple) and outputs else None
        if not isinstance(last, BaseDataElement) or [*last.keys()] != ["loss"]:
            return outputs
        losses: Any = last.get("loss")
        if not isinstance(losses, Mapping):
            raise TypeError(
                "the last prediction is a data element whose only field is loss: it must be a dict "
                f"of losses by name, got {losses!r:.200}"
            )
        for name, value in losses.items():
            for each in _several(value):
                self._sums[name] = self._sums.get(name, 0) + each.detach().float()
                self._counts[name] = self._counts.get(name, 0) + 1
        return outputs[:-1]

    def means(self, mode: str) -> dict[str, float]:
        """Return the mean of each, over all ranks, and the sum of all losses as ``val_loss``.

        Args:
            mode: "val" or "test".
        """
        if not self._sums:
            return {}
        sums = torch.stack([self._sums[name].reshape(()) for name in self._sums])
        counts = torch.tensor([self._counts[name] for name in self._sums]).to(sums)
        table = torch.stack([sums, counts])  # (2, number of names)
        if is_distributed():
            all_reduce(table, "sum")
        means = dict(zip(self._sums, (table[0] / table[1]).tolist(), strict=True))
        whole = sum(value for name, value in means.items() if "loss" in name)
        return {**means, f"{mode}_loss": whole}


def _several(value: Any) -> Iterable[Tensor]:
    return value if isinstance(value, list | tuple) else [value]
