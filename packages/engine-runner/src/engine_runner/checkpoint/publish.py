"""A checkpoint made ready to be given away."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch

from engine_fileio import put
from engine_runner.checkpoint.errors import CheckpointError
from engine_runner.checkpoint.published_meta import without_secrets
from engine_runner.checkpoint.safetensors_file import SUFFIX, safetensors_bytes
from engine_runner.checkpoint.schemes import CheckpointLoader
from engine_runner.checkpoint.sharded_folder import is_sharded_checkpoint
from engine_runner.checkpoint.sharded_publish import publish_folder

__all__ = ["FORMATS", "publish_model"]

FORMATS: Final = ("pth", "safetensors")


def publish_model(
    address: str,
    keys: str | Sequence[str] = ("meta", "state_dict"),
    *,
    file_format: str = "pth",
    target: str | None = None,
) -> str:
    """Write a copy of a checkpoint with some of its parts only, and return its address.

    Its name ends with the first eight digits of its SHA-256, as ``torch.hub`` checks them, unless
    it is given.

    Args:
        address: the checkpoint, a file or a sharded one's folder.
        keys: the parts to keep.
        file_format: "pth"; or "safetensors" for the weights, the first part but ``meta``, with what
            JSON can hold of ``meta``.
        target: the address of the copy.

    Raises:
        CheckpointError: it has none of them.
        ImportError: safetensors isn't installed.
        ValueError: there is no such format.
    """
    if file_format not in FORMATS:
        raise ValueError(f"file_format is one of {', '.join(FORMATS)}, got {file_format!r}")
    wanted = [keys] if isinstance(keys, str) else list(keys)
    if is_sharded_checkpoint(address):
        return publish_folder(address, wanted, file_format=file_format, target=target)
    checkpoint = CheckpointLoader.load_checkpoint(address, map_location="cpu", logger="silent")
    kept = {key: without_secrets(checkpoint[key]) for key in wanted if key in checkpoint}
    if not kept:
        raise CheckpointError(f"{address} has none of {wanted}; it has {sorted(checkpoint)}")
    content = _safetensors(kept, address) if file_format == "safetensors" else _pth(kept)
    if target is None:
        digest = hashlib.sha256(content).hexdigest()
        stem = address.removesuffix(".pth").removesuffix(SUFFIX)
        target = f"{stem}-{digest[:8]}.{file_format}"
    put(content, target)
    return target


def _pth(kept: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    torch.save(kept, buffer)
    return buffer.getvalue()


def _safetensors(kept: dict[str, Any], address: str) -> bytes:
    weights = next((part for key, part in kept.items() if key != "meta"), None)
    if not isinstance(weights, Mapping):
        raise CheckpointError(f"none of {sorted(kept)} of {address} are weights by name")
    return safetensors_bytes(weights, kept.get("meta"))
