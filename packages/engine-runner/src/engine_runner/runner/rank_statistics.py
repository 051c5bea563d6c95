"""What many ranks keep of themselves in one file, of a size that doesn't grow with their number."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from engine_dist import all_reduce, all_reduce_params
from engine_dist.objects import first_of

__all__ = ["is_alike", "is_anywhere", "mean_window"]

_BUCKET_MB = 64


def is_alike(value: Any) -> bool:
    """Whether plain data and tensors are the same on all ranks, each of which has to ask."""
    digest = hashlib.sha256()
    _read(value, digest)
    number = int.from_bytes(digest.digest()[:7])
    extremes = torch.tensor([number, -number])
    all_reduce(extremes, "max")
    return int(extremes[0]) == -int(extremes[1])


def _read(value: Any, digest: Any) -> None:
    if isinstance(value, Tensor):
        digest.update(value.cpu().contiguous().view(torch.uint8).numpy().tobytes())
    elif isinstance(value, Mapping):
        for key, each in value.items():
            digest.update(repr(key).encode())
            _read(each, digest)
    elif isinstance(value, list | tuple):
        digest.update(str(len(value)).encode())
        for each in value:
            _read(each, digest)
    else:
        digest.update(repr(value).encode())


def is_anywhere(here: bool) -> bool:
    """Whether something is so on any rank, each of which has to ask."""
    found = torch.tensor(int(here))
    all_reduce(found, "max")
    return bool(found)


def mean_window(window: Any) -> Any:
    """Return a window of accumulation with the mean of all ranks' gradients, on every rank.

    Where a parameter has a gradient on some ranks only, the others count as zeros.

    Args:
        window: of this rank, as an optimizer wrapper's ``window_state`` tells it.
    """
    if isinstance(window, Mapping):
        return {key: mean_window(each) for key, each in window.items()}
    if not isinstance(window, list):
        return window
    gradients = _filled(window)
    all_reduce_params([each for each in gradients if each is not None], True, _BUCKET_MB, "mean")
    return gradients


def _filled(own: list[Tensor | None]) -> list[Tensor | None]:
    """A copy of a rank's gradients, with zeros where only other ranks have one."""
    length = torch.tensor(len(own))
    all_reduce(length, "max")
    own = [*own, *[None] * (int(length) - len(own))]
    there = torch.tensor([each is not None for each in own], dtype=torch.int32)
    said = torch.stack([there, 1 - there])  # (2, length): on some rank it is there, or isn't
    all_reduce(said, "max")
    found = []
    for each, differs in zip(own, said.all(dim=0).tolist(), strict=True):
        first = (
            first_of(None if each is None else (tuple(each.shape), each.dtype)) if differs else None
        )
        if each is None and first is not None:
            shape, dtype = first[1]
            each = torch.zeros(shape, dtype=dtype)
        found.append(None if each is None else each.clone())
    return found
