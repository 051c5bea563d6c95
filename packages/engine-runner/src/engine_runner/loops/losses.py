"""Losses of a validation or test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from engine_dist import all_gather_object, all_reduce, is_distributed
from engine_dist.objects import first_of
from engine_structures import BaseDataElement

__all__ = ["EvaluationLosses"]


class EvaluationLosses:
    """Means of losses over a pass. Nothing waits for the device before `means` does.

    They come from a model's ``evaluate_step``, weighted with the samples of each batch; or, as in
    MMEngine, a model gives them as one more prediction, the last one: a data element whose only
    field ``loss`` holds a dict as of a training. Of these every batch counts as much.
    """

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}
        self._is_weighted = False

    def add(self, losses: Mapping[str, Any], num_samples: int) -> None:
        """Put down the losses of a batch: "loss", the sum, and each by its name."""
        self._is_weighted = True
        for name, value in losses.items():
            self._put_down(name, torch.as_tensor(value), num_samples)

    def take(self, outputs: Sequence[Any]) -> Sequence[Any]:
        """Return the predictions for a batch without the losses, which are put down.

        They are not where `add` puts down losses, too.

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
        if not self._is_weighted:
            for name, value in losses.items():
                for each in _several(value):
                    self._put_down(name, each, 1)
        return outputs[:-1]

    def _put_down(self, name: str, value: Tensor, weight: int) -> None:
        found = value.detach().float() * weight
        self._sums[name] = self._sums.get(name, 0) + found
        self._counts[name] = self._counts.get(name, 0) + weight

    def means(self, mode: str) -> dict[str, float]:
        """Return the mean of each over all ranks, and the sum of all losses as ``val_loss``.

        Each is called by its name; what `add` put down has ``val_`` before it.

        Args:
            mode: "val" or "test".
        """
        names = self._names()
        if not names:
            return {}
        sums = [self._sums.get(name, torch.zeros(())).reshape(()).cpu() for name in names]
        counts = torch.tensor([self._counts.get(name, 0) for name in names])
        table = torch.stack([torch.stack(sums).double(), counts.double()])  # (2, number of names)
        if is_distributed():
            all_reduce(table, "sum")
        means = dict(zip(names, (table[0] / table[1]).tolist(), strict=True))
        if self._is_weighted:
            return {f"{mode}_{name}": value for name, value in means.items()}
        whole = sum(value for name, value in means.items() if "loss" in name)
        return {**means, f"{mode}_loss": whole}

    def _names(self) -> list[str]:
        """The names that any rank has; a rank may have had no batch."""
        if not is_distributed():
            return [*self._sums]
        first = first_of([*self._sums] or None)
        if first is None:
            return []
        names: list[str] = first[1]
        told = torch.tensor([self._is_weighted, not self._sums.keys() <= set(names)]).int()
        all_reduce(told, "max")
        self._is_weighted = bool(told[0])
        if told[1]:  # ranks have losses of different names
            names = [name for each in all_gather_object([*self._sums]) for name in each]
        return list(dict.fromkeys(names))


def _several(value: Any) -> Iterable[Tensor]:
    return value if isinstance(value, list | tuple) else [value]
