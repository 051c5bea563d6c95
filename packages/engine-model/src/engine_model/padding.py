"""Images of different sizes as one tensor."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["stack_batch"]


def stack_batch(
    tensor_list: list[Tensor], pad_size_divisor: int = 1, pad_value: int | float = 0
) -> Tensor:
    """Pad tensors on the right and at the bottom to the largest of them, and stack them.

    Args:
        tensor_list: tensors (C, ...) with as many dimensions and channels.
        pad_size_divisor: every padded size becomes a multiple of it.
        pad_value: what is padded with.

    Returns:
        A tensor (N, C, ...).

    Raises:
        TypeError: it is no list of tensors.
        ValueError: it is empty, or dimensions or channels differ.
    """
    if not isinstance(tensor_list, list) or not all(isinstance(t, Tensor) for t in tensor_list):
        raise TypeError(f"stack_batch takes a list of tensors, got {tensor_list!r:.200}")
    if not tensor_list:
        raise ValueError("stack_batch got an empty list")
    shapes = [tuple(tensor.shape) for tensor in tensor_list]
    if len({(len(shape), shape[:1]) for shape in shapes}) != 1:
        raise ValueError(f"tensors must have as many dimensions and channels, got {shapes[:8]}")
    sizes = [max(size) for size in zip(*(shape[1:] for shape in shapes), strict=True)]
    sizes = [-(-size // pad_size_divisor) * pad_size_divisor for size in sizes]
    padded = []
    for tensor in tensor_list:
        missing = [size - own for size, own in zip(sizes, tensor.shape[1:], strict=True)]
        if any(missing):
            padding = [each for size in reversed(missing) for each in (0, size)]
            tensor = functional.pad(tensor, padding, value=pad_value)
        padded.append(tensor)
    return torch.stack(padded)
