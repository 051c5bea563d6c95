"""A checkpoint made ready to be given away."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

from engine_checkpoint.errors import CheckpointError
from engine_checkpoint.formats import FORMATS, suffix_of
from engine_checkpoint.loader import CheckpointLoader
from engine_checkpoint.published_meta import without_secrets, write_published
from engine_checkpoint.safetensors_file import SUFFIX, safetensors_bytes
from engine_checkpoint.sharded.folder import is_sharded_checkpoint
from engine_checkpoint.sharded.publish import publish_folder
from engine_fileio import put

__all__ = ["publish_model"]


def publish_model(
    address: str,
    keys: str | Sequence[str] | None = None,
    *,
    file_format: str = "pth",
    target: str | None = None,
) -> str:
    """Write a copy of a checkpoint with some of its parts only, and return its address.

    Its name ends with the first eight digits of its SHA-256, as ``torch.hub`` checks them, unless
    it is given.

    Args:
        address: the checkpoint, a file or a sharded one's folder.
        keys: the parts to keep; by default ``meta`` and ``state_dict``, for "mmengine" all.
        file_format: "pth"; "safetensors" for the weights, the first part but ``meta``, with what
            JSON can hold of ``meta``; or "mmengine", as MMEngine pickles its own: it goes on from
            such a one with the history of scalars, too.
        target: the address of the copy.

    Raises:
        CheckpointError: it has none of them.
        ImportError: safetensors isn't installed.
        ValueError: there is no such format.
    """
    if file_format not in FORMATS:
        raise ValueError(f"file_format is one of {', '.join(FORMATS)}, got {file_format!r}")
    wanted = _wanted(keys, file_format)
    if is_sharded_checkpoint(address):
        return publish_folder(address, wanted, file_format=file_format, target=target)
    checkpoint = CheckpointLoader.load_checkpoint(address, map_location="cpu", logger="silent")
    wanted = [*checkpoint] if wanted is None else wanted
    kept = {key: without_secrets(checkpoint[key]) for key in wanted if key in checkpoint}
    if not kept:
        raise CheckpointError(f"{address} has none of {wanted}; it has {sorted(checkpoint)}")
    content = (
        _safetensors(kept, address) if file_format == "safetensors" else _pth(kept, file_format)
    )
    if target is None:
        digest = hashlib.sha256(content).hexdigest()
        stem = address.removesuffix(".pth").removesuffix(SUFFIX)
        target = f"{stem}-{digest[:8]}{suffix_of(file_format)}"
    put(content, target)
    return target


def _wanted(keys: str | Sequence[str] | None, file_format: str) -> list[str] | None:
    """The parts to keep; None for all."""
    if keys is None:
        return None if file_format == "mmengine" else ["meta", "state_dict"]
    return [keys] if isinstance(keys, str) else list(keys)


def _pth(kept: dict[str, Any], file_format: str) -> bytes:
    buffer = io.BytesIO()
    write_published(kept, buffer, file_format)
    return buffer.getvalue()


def _safetensors(kept: dict[str, Any], address: str) -> bytes:
    weights = next((part for key, part in kept.items() if key != "meta"), None)
    if not isinstance(weights, Mapping):
        raise CheckpointError(f"none of {sorted(kept)} of {address} are weights by name")
    return safetensors_bytes(weights, kept.get("meta"))
