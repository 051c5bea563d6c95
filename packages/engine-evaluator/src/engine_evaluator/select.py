"""Predictions and targets, taken out of what a model and a loader gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from engine_structures import BaseDataElement

__all__ = ["Pick", "predictions_of", "targets_of"]

# What to take: a name, with dots, or a number; or a function of batch and predictions.
Pick = str | int | Callable[[Any, Sequence[Any]], Any] | None

_ABSENT: Final = object()
_PREDICTIONS: Final = ("pred_score", "pred_label", "pred_sem_seg.data", "prediction", "pred")
_TARGETS: Final = (
    *("gt_label", "gt_sem_seg.data", "target", "targets", "label", "labels", "mask", "y"),
)


def predictions_of(pick: Pick, data_batch: Any, data_samples: Sequence[Any]) -> Tensor:
    """Return the predictions for a batch as one tensor.

    Args:
        pick: a name or number is looked up in each prediction, ``"pred_sem_seg.data"`` in
            what stands for a dict; a function gets batch and predictions. None takes predictions
            that are tensors or numbers as they are, of a pair the first, and of a dict the first of
            the usual names that it has.
        data_batch: the batch, as the loader gave it.
        data_samples: the model's predictions.

    Raises:
        ValueError: there is nothing of the kind.
    """
    if pick is None and not isinstance(data_samples[0], Mapping | BaseDataElement | tuple | list):
        return _stacked(data_samples)
    names = [0, *_PREDICTIONS] if pick is None else [pick]
    return _first(names, None, data_samples, what="pred")


def targets_of(pick: Pick, data_batch: Any, data_samples: Sequence[Any]) -> Tensor:
    """Return the targets of a batch as one tensor.

    Args:
        pick: as for `predictions_of`; what the predictions don't have is looked up in the batch.
            None takes the second of predictions that are pairs, the first of the usual names that
            a prediction or the batch has, and of a batch without names its last part.
        data_batch: the batch, as the loader gave it.
        data_samples: the model's predictions.

    Raises:
        ValueError: there is nothing of the kind.
    """
    names = [1, *_TARGETS, -1] if pick is None else [pick]
    return _first(names, data_batch, data_samples, what="target")


def _first(
    picks: Sequence[Any], data_batch: Any, data_samples: Sequence[Any], *, what: str
) -> Tensor:
    """What the first of ``picks`` finds."""
    for pick in picks:
        if callable(pick):
            return _tensor(pick(data_batch, data_samples))
        # Of the usual names, -1 is for batches and the other numbers are for predictions.
        is_usual = len(picks) > 1 and isinstance(pick, int)
        if not (is_usual and pick < 0):
            found = [_looked_up(each, pick) for each in data_samples]
            if all(each is not _ABSENT for each in found):
                return _stacked(found)
        if not (is_usual and pick >= 0):
            of_batch = _looked_up(data_batch, pick)
            if of_batch is not _ABSENT:
                return _tensor(of_batch)
    raise ValueError(
        f"no {what} was found under {picks if len(picks) > 1 else picks[0]!r}: a prediction is "
        f"{_described(data_samples[0])}, and the batch {_described(data_batch)}. Give {what}=... "
        "a name, a number, or a function of batch and predictions"
    )


def _looked_up(data: Any, pick: str | int) -> Any:
    if isinstance(pick, int):
        is_sequence = isinstance(data, list | tuple) and -len(data) <= pick < len(data)
        return data[pick] if is_sequence else _ABSENT
    for name in pick.split("."):
        if isinstance(data, BaseDataElement):
            data = data.to_dict()
        if not isinstance(data, Mapping) or name not in data:
            return _ABSENT
        data = data[name]
    return data


def _tensor(value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value.detach()
    if isinstance(value, list | tuple):
        return _stacked(value)
    return torch.as_tensor(value)


def _stacked(values: Sequence[Any]) -> Tensor:
    """One tensor of all; of different shapes they are strung together, flat."""
    if not isinstance(values[0], Tensor | np.ndarray):
        return torch.as_tensor(list(values))
    tensors = [torch.as_tensor(each).detach() for each in values]
    if all(each.shape == tensors[0].shape for each in tensors):
        return torch.stack(tensors)
    return torch.cat([each.flatten() for each in tensors])


def _described(data: Any) -> str:
    if isinstance(data, BaseDataElement):
        data = data.to_dict()
    if isinstance(data, Mapping):
        return f"a dict of {sorted(map(str, data))}"
    if isinstance(data, list | tuple):
        return f"a {type(data).__name__} of {len(data)}"
    return f"a {type(data).__name__}"
