"""A sharded checkpoint in one file, of as much memory as its format allows."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import torch
from torch import Tensor

from engine_checkpoint.errors import CheckpointError
from engine_checkpoint.formats import suffix_of
from engine_checkpoint.published_meta import without_secrets, write_published
from engine_checkpoint.safetensors_file import DIGEST, HEADER_LENGTH, canonical, facts_of
from engine_checkpoint.sharded.layout import Stored
from engine_checkpoint.sharded.read import ShardedFolder, read_sharded
from engine_fileio.atomic import sync_folder, temporary_name

__all__ = ["publish_folder"]

# What safetensors calls what torch calls so.
_DTYPES: Final = {
    **{torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"},
    **{torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8"},
    **{torch.uint8: "U8", torch.bool: "BOOL", torch.complex64: "C64"},
    **{torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2"},
}


def publish_folder(
    address: str, keys: Sequence[str] | None, *, file_format: str, target: str | None = None
) -> str:
    """Write parts of a sharded checkpoint into one file, and return its address.

    A file of safetensors is written tensor by tensor; torch's own format needs what is written in
    memory.

    Args:
        address: the folder.
        keys: the parts to keep; None keeps all.
        file_format: "pth", "safetensors" or "mmengine".
        target: the file; by default it is beside the folder and named by its digest.

    Raises:
        CheckpointError: it is damaged, has none of the parts, or such that the format can't hold.
    """
    folder = ShardedFolder(address)
    content, places = folder.content()
    wanted = [*content] if keys is None else [*keys]
    kept = [key for key in wanted if key in content]
    if not kept:
        raise CheckpointError(f"{address} has none of {wanted}; it has {sorted(content)}")
    stem = Path(target or address.removesuffix(".pth"))
    draft = temporary_name(stem)
    draft.parent.mkdir(parents=True, exist_ok=True)
    try:
        with draft.open("wb") as file:
            if file_format != "safetensors":
                whole = read_sharded(address, keys=kept)
                found = {key: without_secrets(part) for key, part in whole.items()}
                write_published(found, file, file_format)
            else:
                names = _weights(content, places, kept, address=address)
                folder.check(names.values(), {})
                stored = {key: folder.layout.tensors[name] for key, name in names.items()}
                read = (folder.read(name) for name in names.values())
                _write_safetensors(
                    file, stored, read, meta=without_secrets(content.get("meta", {}))
                )
            file.flush()
            os.fsync(file.fileno())
        if target is None:
            with draft.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            target = f"{stem}-{digest[:8]}{suffix_of(file_format)}"
        draft.replace(target)
        sync_folder(draft.parent)
    finally:
        draft.unlink(missing_ok=True)
    return target


def _weights(
    content: Mapping[str, Any], places: Iterable[Any], kept: Sequence[str], *, address: str
) -> dict[str, str]:
    """The names of the tensors of the first part but ``meta``, by the names they are to have."""
    part = next((key for key in kept if key != "meta"), None)
    found = {place[1]: name for place, name in places if place[0] == part and len(place) == 2}
    inside = content.get(part) if part else None
    if not isinstance(inside, Mapping) or inside.keys() != found.keys():
        raise CheckpointError(f"none of {sorted(kept)} of {address} are weights by name")
    return dict(sorted(found.items()))


def _write_safetensors(
    file: BinaryIO,
    stored: Mapping[str, Stored],
    tensors: Iterable[Tensor],
    *,
    meta: Mapping[str, Any],
) -> None:
    header: dict[str, Any] = {"__metadata__": {"format": "pt", "meta": facts_of(meta)}}
    end = 0
    for name, each in stored.items():
        if each.dtype not in _DTYPES:
            raise CheckpointError(f"safetensors holds no {each.dtype}, as which {name} is saved")
        begin, end = end, end + torch.Size(each.shape).numel() * each.dtype.itemsize
        kind = _DTYPES[each.dtype]
        header[name] = {"dtype": kind, "shape": [*each.shape], "data_offsets": [begin, end]}
    found = hashlib.sha256(canonical(header))
    _write_header(file, header, "0" * 64)  # as long as the digest, which is known at the end
    for tensor in tensors:
        data = tensor.contiguous().view(-1).view(torch.uint8).numpy().data
        found.update(data)
        file.write(data)
    file.seek(0)
    _write_header(file, header, found.hexdigest())


def _write_header(file: BinaryIO, header: Mapping[str, Any], digest: str) -> None:
    said = {**header, "__metadata__": {**header["__metadata__"], DIGEST: digest}}
    text = json.dumps(said).encode()
    text += b" " * (-len(text) % HEADER_LENGTH)
    file.write(len(text).to_bytes(HEADER_LENGTH, "little") + text)
