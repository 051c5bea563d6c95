"""Functions of torch that once differed between its versions."""

from __future__ import annotations

import torch

__all__ = ["torch_meshgrid"]


def torch_meshgrid(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return ``torch.meshgrid`` with matrix indexing."""
    return torch.meshgrid(*tensors, indexing="ij")
