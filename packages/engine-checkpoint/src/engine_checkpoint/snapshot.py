"""A copy of a checkpoint in the host's memory, that the training no longer changes."""

from __future__ import annotations

import copy
import ctypes
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine_checkpoint.kinds import is_plain

__all__ = ["Snapshots", "size_of"]


class Snapshots:
    """Copies checkpoints into memory that is used again for the next one.

    On an accelerator the memory is pinned, and all copies are waited for once. Tensors that share
    memory share it in the copy, too.
    """

    def __init__(self) -> None:
        self._buffers: list[Tensor] = []
        self._copies: dict[int, Tensor] = {}  # of a storage, during a copy

    def take(self, checkpoint: dict[str, Any]) -> dict[str, Any]:
        """Return a copy; the one before it is overwritten."""
        self._copies = {}
        found = self._copied(checkpoint)
        if torch.accelerator.is_available():
            torch.accelerator.current_stream().synchronize()
        del self._buffers[len(self._copies) :]
        self._copies = {}
        return dict(found)

    def _copied(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return self._tensor(value)
        if type(value) is list:
            return [self._copied(each) for each in value]
        if type(value) is tuple:
            return tuple(self._copied(each) for each in value)
        if isinstance(value, dict):
            same = copy.copy(value)
            for key in value:
                same[key] = self._copied(value[key])
            return same
        return value if isinstance(value, str | int | float | bool | None) else copy.deepcopy(value)

    def _tensor(self, value: Tensor) -> Tensor:
        if value.is_meta or torch.nn.parameter.is_lazy(value):
            return value  # without memory that could change
        if type(value) not in (Tensor, nn.Parameter) or value.layout != torch.strided:
            return value.detach().cpu().clone()
        if value.is_quantized or value.is_conj() or value.is_neg():
            return copy.deepcopy(value.detach().cpu())
        host = self._storage(value.detach())
        same = torch.empty(0, dtype=value.dtype).set_(
            host.untyped_storage(), value.storage_offset(), value.shape, value.stride()
        )
        if isinstance(value, nn.Parameter):
            return nn.Parameter(same, requires_grad=value.requires_grad)
        return same

    def _storage(self, value: Tensor) -> Tensor:
        """The copy of the memory that a tensor is a part of."""
        storage = value.untyped_storage()
        key = storage._cdata
        if key not in self._copies:
            host = self._buffer(len(self._copies), storage.nbytes())
            if value.device.type == "cpu":  # torch's own copy takes two to three times as long
                ctypes.memmove(host.data_ptr(), storage.data_ptr(), storage.nbytes())
            else:
                source = torch.empty(0, dtype=torch.uint8, device=value.device).set_(storage)
                host.copy_(source, non_blocking=True)
            self._copies[key] = host
        return self._copies[key]

    def _buffer(self, index: int, size: int) -> Tensor:
        if index == len(self._buffers):
            self._buffers.append(torch.empty(0, dtype=torch.uint8))
        if self._buffers[index].numel() != size:
            pinned = torch.accelerator.is_available() and size > 0
            self._buffers[index] = torch.empty(size, dtype=torch.uint8, pin_memory=pinned)
        return self._buffers[index]


def size_of(value: Any, seen: set[int] | None = None) -> int:
    """Return how many bytes the tensors in a checkpoint take, each memory counted once."""
    seen = set() if seen is None else seen
    if isinstance(value, Mapping):
        return sum(size_of(each, seen) for each in value.values())
    if isinstance(value, list | tuple):
        if is_plain(value):
            return 0
        return sum(size_of(each, seen) for each in value)
    if not isinstance(value, Tensor) or torch.nn.parameter.is_lazy(value):
        return 0
    if value.layout != torch.strided:
        return 0
    try:
        storage = value.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
    except (NotImplementedError, RuntimeError):  # a kind of tensor that has no memory of its own
        return 0
    if key in seen:
        return 0
    seen.add(key)
    return size
