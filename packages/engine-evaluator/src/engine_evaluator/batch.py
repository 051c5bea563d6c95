"""What a batch is: how many samples it has, the first of them, and where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine_structures import BaseDataElement

__all__ = ["device_of", "first_samples", "num_samples", "one_by_one"]


def device_of(data: Any) -> torch.device | None:
    """Return where the first tensor in ``data`` is; None if there is none."""
    if isinstance(data, Tensor):
        return data.device
    if isinstance(data, BaseDataElement):
        data = data.to_dict()
    if isinstance(data, Mapping):
        data = list(data.values())
    if not isinstance(data, list | tuple):
        return None
    return next((found for each in data if (found := device_of(each)) is not None), None)


def num_samples(batch: Any) -> int | None:
    """Return how many samples a batch has; None if it doesn't tell.

    A dict or a sequence of fields, as the collate functions make them, has as many as its first
    field that has a length; a list of dicts or data elements has as many as it is long.
    """
    if _is_list_of_samples(batch):
        return len(batch)
    if isinstance(batch, Mapping):
        fields = list(batch.values())
    elif isinstance(batch, list | tuple):
        fields = list(batch)
    else:
        fields = [batch]
    found = (_length(field) for field in fields)
    return next((each for each in found if each is not None), None)


def first_samples(batch: Any, number: int) -> Any:
    """Return a batch without what comes after its first ``number`` samples.

    A field of another length than the batch's isn't one of samples, and stays as it is.
    """
    if _is_list_of_samples(batch):
        return batch[:number]
    size = num_samples(batch)
    if size is None or size <= number:
        return batch
    if isinstance(batch, Mapping):
        return {name: _cut(field, size, number) for name, field in batch.items()}
    if isinstance(batch, list | tuple):
        parts = [_cut(field, size, number) for field in batch]
        return type(batch)(*parts) if hasattr(batch, "_fields") else type(batch)(parts)
    return _cut(batch, size, number)


def one_by_one(predictions: Sequence[Any], batch: Any) -> Sequence[Any]:
    """Return predictions with one entry for each sample.

    They have one already, as a rule; but a model may return tensors of all samples, such as scores
    (N, C) and labels (N,), of which each sample then gets a tuple. Those are told by having
    different numbers of dimensions, or as many entries as the batch has samples and predictions
    have not.
    """
    if len(predictions) < 2 or not all(
        isinstance(each, Tensor) and each.ndim for each in predictions
    ):
        return predictions
    sizes = {len(each) for each in predictions}
    dims = {each.ndim for each in predictions}
    of_batch = len(predictions) != num_samples(batch) and num_samples(batch) in sizes
    if len(sizes) == 1 and (len(dims) > 1 or of_batch):
        return [*zip(*predictions, strict=True)]
    return predictions


def _is_list_of_samples(batch: Any) -> bool:
    return (
        isinstance(batch, list | tuple)
        and bool(batch)
        and all(isinstance(each, Mapping | BaseDataElement) for each in batch)
    )


def _length(field: Any) -> int | None:
    if isinstance(field, Tensor | np.ndarray):
        return len(field) if field.ndim else None
    if isinstance(field, Mapping):
        return num_samples(field)
    return len(field) if isinstance(field, list | tuple) else None


def _cut(field: Any, size: int, number: int) -> Any:
    if isinstance(field, Mapping):
        return {name: _cut(each, size, number) for name, each in field.items()}
    return field[:number] if _length(field) == size else field
