"""A tensor that is still in its file, of which a process reads the part that it has."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from engine_dist.shards import local, region_of

__all__ = ["StoredTensor"]


class StoredTensor:
    """A tensor of a file of safetensors, whose place in a model is known.

    Args:
        file: the file, opened by safetensors; it stays mapped into memory, not read.
        key: the tensor's name in it.
    """

    def __init__(self, file: Any, key: str) -> None:
        self._file, self._key = file, key
        self.shape = torch.Size(file.get_slice(key).get_shape())

    @torch.no_grad()
    def put_into(self, tensor: Tensor) -> None:
        """Read the part of a tensor of the same shape that this process has, and put it there."""
        local(tensor).copy_(self._file.get_slice(self._key)[region_of(tensor)])

    def whole(self) -> Tensor:
        """Read all of it."""
        found: Tensor = self._file.get_tensor(self._key)
        return found
