"""Bucketed all-reduce: many small tensors reduced as few large ones."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch
from torch import Tensor
from torch.distributed import ProcessGroup

from engine_dist.collectives import all_reduce
from engine_dist.group import get_world_size

__all__ = ["all_reduce_dict", "all_reduce_params"]


def all_reduce_dict(
    data: dict[str, Tensor],
    op: str = "sum",
    group: ProcessGroup | None = None,
    *,
    timeout: float | None = None,
) -> None:
    """Reduce every tensor of ``data`` in place, with one message for all of a dtype.

    Every process must have the same keys. Floating-point and integer tensors keep their dtype.

    Args:
        data: the tensors.
        op: "sum", "mean", "product", "min", "max", "band", "bor" or "bxor".
        group: the processes; all by default.
        timeout: seconds to wait for the others.

    Raises:
        TypeError: ``data`` is no dict.
        CollectiveError: a process did not take part.
    """
    if not isinstance(data, dict):
        raise TypeError(f"data must be a dict of tensors: got {type(data).__name__}")
    if get_world_size(group) > 1:
        tensors = [data[key] for key in sorted(data)]
        _reduce_together(tensors, op, group=group, timeout=timeout)


def all_reduce_params(
    params: Sequence[Tensor] | Generator[Tensor, None, None],
    coalesce: bool = True,
    bucket_size_mb: int = -1,
    op: str = "sum",
    group: ProcessGroup | None = None,
    *,
    timeout: float | None = None,
) -> None:
    """Reduce all ``params`` in place.

    Args:
        params: tensors, in the same order in every process.
        coalesce: send many in one message.
        bucket_size_mb: at most so many MiB in one message; -1 for no bound.
        op: as in `all_reduce`.
        group: the default group if None.
        timeout: seconds, for each message.
    """
    if get_world_size(group) <= 1:
        return
    tensors = [param.data for param in params]
    if coalesce:
        limit = bucket_size_mb * 2**20
        _reduce_together(tensors, op, group=group, timeout=timeout, bucket_bytes=limit)
    else:
        for tensor in tensors:
            all_reduce(tensor, op, group, timeout=timeout)


def _reduce_together(
    tensors: Sequence[Tensor],
    op: str,
    *,
    group: ProcessGroup | None,
    timeout: float | None,
    bucket_bytes: int = -1,
) -> None:
    for bucket in _buckets(tensors, bucket_bytes):
        flat = torch.cat([tensor.detach().reshape(-1) for tensor in bucket])
        all_reduce(flat, op, group, timeout=timeout)
        parts = torch.split(flat, [tensor.numel() for tensor in bucket])
        for tensor, part in zip(bucket, parts, strict=True):
            tensor.detach().copy_(part.view(tensor.shape))


def _buckets(tensors: Sequence[Tensor], limit_bytes: int) -> list[list[Tensor]]:
    """``tensors`` by dtype and device, and each of these in pieces of ``limit_bytes``."""
    buckets: list[list[Tensor]] = []
    open_ones: dict[tuple[torch.dtype, torch.device], tuple[list[Tensor], int]] = {}
    for tensor in tensors:
        key = tensor.dtype, tensor.device
        bucket, size = open_ones.get(key, ([], 0))
        if not bucket or (limit_bytes > 0 and size + tensor.nbytes > limit_bytes):
            bucket, size = [], 0
            buckets.append(bucket)
        bucket.append(tensor)
        open_ones[key] = bucket, size + tensor.nbytes
    return buckets
