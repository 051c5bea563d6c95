"""A checkpoint made ready to be given away."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

import torch

from engine_fileio import put
from engine_runner.checkpoint.errors import CheckpointError
from engine_runner.checkpoint.schemes import CheckpointLoader

__all__ = ["publish_model"]


def publish_model(address: str, keys: str | Sequence[str] = ("meta", "state_dict")) -> str:
    """Write a copy of a checkpoint with some of its parts only, and return its address.

    Its name ends with the first eight digits of its SHA-256, as ``torch.hub`` checks them.

    Args:
        address: the checkpoint.
        keys: the parts to keep.

    Raises:
        CheckpointError: it has none of them.
    """
    checkpoint = CheckpointLoader.load_checkpoint(address, map_location="cpu", logger="silent")
    wanted = [keys] if isinstance(keys, str) else list(keys)
    kept = {key: checkpoint[key] for key in wanted if key in checkpoint}
    if not kept:
        raise CheckpointError(f"{address} has none of {wanted}; it has {sorted(checkpoint)}")
    buffer = io.BytesIO()
    torch.save(kept, buffer)
    digest = hashlib.sha256(buffer.getbuffer()).hexdigest()
    target = f"{address.removesuffix('.pth')}-{digest[:8]}.pth"
    put(buffer.getvalue(), target)
    return target
