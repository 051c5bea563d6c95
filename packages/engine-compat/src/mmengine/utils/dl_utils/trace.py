"""Whether torch is recording a model."""

from __future__ import annotations

from typing import Any

import torch

__all__ = ["is_jit_tracing"]


def is_jit_tracing() -> bool:
    """Whether ``torch.jit.trace`` is running."""
    jit: Any = torch.jit  # which doesn't say that it exports this
    return bool(jit.is_tracing())
