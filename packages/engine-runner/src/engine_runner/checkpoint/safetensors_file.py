"""Weights in the format of safetensors: tensors by name, and nothing that could be executed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from engine_runner.checkpoint.errors import CheckpointError

__all__ = [
    "DIGEST",
    "HEADER_LENGTH",
    "SUFFIX",
    "canonical",
    "facts_of",
    "read_safetensors",
    "safetensors_bytes",
]

SUFFIX: Final = ".safetensors"
HEADER_LENGTH: Final = 8  # bytes at the file's beginning that say how long its header is
DIGEST: Final = "sha256"  # in the header's metadata: of the rest of the header, and the tensors


def read_safetensors(path: str | Path, map_location: Any = None, *, name: str = "") -> Any:
    """Return ``state_dict`` and ``meta`` of a local file.

    Args:
        path: the file.
        map_location: a device, or its name; with anything else tensors are on the CPU.
        name: what to call it in an error.

    Raises:
        ImportError: safetensors isn't installed.
        CheckpointError: it is no such file, or damaged.
    """
    name = name or str(path)
    package = _package("safetensors", name)
    device = str(map_location) if isinstance(map_location, str | torch.device) else "cpu"
    try:
        _check(Path(path))
        with package.safe_open(str(path), framework="pt", device=device) as file:
            said = file.metadata() or {}
            weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no dict
        return {"meta": json.loads(said.get("meta", "{}")), "state_dict": weights}
    except (package.SafetensorError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{name} is no file of safetensors, or damaged: {error}"[:600]
        ) from error


def safetensors_bytes(
    state_dict: Mapping[str, Any], meta: Mapping[str, Any] | None = None
) -> bytes:
    """Return the content of a file with these weights, and a digest of them in its header.

    Args:
        state_dict: tensors by name; what is shared is written as often as it has names.
        meta: facts, of which what JSON can hold is written.

    Raises:
        ImportError: safetensors isn't installed.
        CheckpointError: not everything in it is a tensor.
    """
    wrong = [key for key, value in state_dict.items() if not isinstance(value, Tensor)]
    if wrong:
        raise CheckpointError(
            f"safetensors holds tensors alone, and {wrong[0]!r} is a "
            f"{type(state_dict[wrong[0]]).__name__}"
        )
    weights = {k: v.detach().cpu().clone().contiguous() for k, v in state_dict.items()}
    whole: bytes = _package("safetensors.torch", "this").save(weights)
    start = HEADER_LENGTH + int.from_bytes(whole[:HEADER_LENGTH], "little")
    header, data = json.loads(whole[HEADER_LENGTH:start]), whole[start:]
    header["__metadata__"] = {"format": "pt", "meta": facts_of(meta or {})}
    digest = hashlib.sha256(canonical(header) + data).hexdigest()
    header["__metadata__"][DIGEST] = digest
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % HEADER_LENGTH)
    return len(text).to_bytes(HEADER_LENGTH, "little") + text + data


def _check(path: Path) -> None:
    """Compare the digest, if there is one."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(HEADER_LENGTH), "little")
        if length > path.stat().st_size:
            raise ValueError("it ends in its header")
        header = json.loads(file.read(length))
        said = header.get("__metadata__", {}) if isinstance(header, dict) else {}
        expected = said.pop(DIGEST, None) if isinstance(said, dict) else None
        if expected is None:
            return
        found = hashlib.file_digest(file, lambda: hashlib.sha256(canonical(header)))
        if found.hexdigest() != expected:
            raise ValueError("its SHA-256 is another than when it was written")


def facts_of(meta: Mapping[str, Any]) -> str:
    """Return what JSON can hold of facts, as JSON."""
    return json.dumps({key: value for key, value in meta.items() if _fits(value)})


def canonical(header: Any) -> bytes:
    """Return the bytes of a header that its digest is of."""
    return json.dumps(header, sort_keys=True).encode()


def _fits(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _package(module: str, name: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{name} needs safetensors: pip install 'engine-runner[safetensors]'"
        ) from error
