"""Mixed precision by context, on whatever device there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from engine_dist.accelerator import get_device

__all__ = ["autocast"]


@contextmanager
def autocast(
    device_type: str | None = None,
    dtype: torch.dtype | None = None,
    enabled: bool = True,
    cache_enabled: bool | None = None,
) -> Iterator[None]:
    """Compute in half precision where that is safe.

    Args:
        device_type: torch's name of the device; None takes the one to train on.
        dtype: None means float16 on an accelerator and bfloat16 on the CPU.
        enabled: whether it does anything.
        cache_enabled: whether weights that were cast are kept for the next use in the context;
            None is torch's default.

    Raises:
        ValueError: autocast doesn't know the device.
    """
    device = get_device() if device_type is None else device_type
    if not torch.amp.is_autocast_available(device):
        raise ValueError(f"torch has no autocast for the device {device!r}")
    with torch.autocast(device, dtype=dtype, enabled=enabled, cache_enabled=cache_enabled):
        yield
