"""From samples to a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch.utils.data.dataloader import default_collate as torch_collate

from engine_registry import FUNCTIONS
from engine_structures import BaseDataElement

__all__ = ["COLLATE_FUNCTIONS", "default_collate", "pseudo_collate"]

# MMEngine's name for the registry in which collate functions are found.
COLLATE_FUNCTIONS = FUNCTIONS


def pseudo_collate(data_batch: Sequence[Any]) -> Any:
    """Put samples side by side, and stack nothing: (image, label) pairs become [images, labels].

    Args:
        data_batch: the samples, all of one structure of dicts, tuples and lists.

    Returns:
        That structure, with one leaf for each sample at every leaf: in a list, or in a tuple where
        the leaves are parts of tuples and lists.

    Raises:
        RuntimeError: sequences of different lengths; the message names a sample.
    """
    return _collate(data_batch, _as_it_is)


def default_collate(data_batch: Sequence[Any]) -> Any:
    """Stack tensors, arrays and numbers of samples to tensors; the rest as `pseudo_collate`.

    Texts, data elements and None stay side by side.
    """
    return _collate(data_batch, _stack)


def _as_it_is(leaves: Sequence[Any]) -> Any:
    return leaves


def _stack(leaves: Sequence[Any]) -> Any:
    return torch_collate(list(leaves))


def _collate(batch: Sequence[Any], join: Any) -> Any:
    first = batch[0]
    kind: Any = type(first)
    if isinstance(first, str | bytes | BaseDataElement) or first is None:
        return batch
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(_collate(part, join) for part in _columns(batch)))
    if isinstance(first, tuple):
        return [_collate(part, join) for part in _columns(batch)]
    if isinstance(first, Sequence):
        parts = [_collate(part, join) for part in _columns(batch)]
        try:
            return kind(parts)
        except TypeError:
            return parts
    if isinstance(first, Mapping):
        found = {key: _collate([each[key] for each in batch], join) for key in first}
        try:
            return kind(found)
        except TypeError:
            return found
    return join(batch)


def _columns(batch: Sequence[Any]) -> list[tuple[Any, ...]]:
    length = len(batch[0])
    for index, sample in enumerate(batch):
        if len(sample) != length:
            raise RuntimeError(
                f"samples of a batch must be of one length: sample 0 of the batch has {length} "
                f"parts, sample {index} has {len(sample)}"
            )
    return list(zip(*batch, strict=True))
