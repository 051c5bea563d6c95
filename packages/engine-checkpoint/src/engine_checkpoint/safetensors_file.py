"""Weights in the format of safetensors: tensors by name, and nothing that could be executed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from engine_checkpoint.archive import opened
from engine_checkpoint.errors import CheckpointError
from engine_checkpoint.lazy_tensor import StoredTensor
from engine_checkpoint.sharded.folder import read_small

__all__ = [
    "DIGEST",
    "HEADER_LENGTH",
    "INDEX",
    "SUFFIX",
    "canonical",
    "facts_of",
    "read_safetensors",
    "safetensors_bytes",
    "safetensors_of",
]

SUFFIX: Final = ".safetensors"
INDEX: Final = ".safetensors.index.json"
_MOST_FILES: Final = 20_000  # the largest models have some hundreds
HEADER_LENGTH: Final = 8  # bytes at the file's beginning that say how long its header is
DIGEST: Final = "sha256"  # in the header's metadata: of the rest of the header, and the tensors


def read_safetensors(
    path: str | Path,
    map_location: Any = None,
    *,
    name: str = "",
    like: Callable[[tuple[str, str], tuple[int, ...]], Tensor | None] | None = None,
) -> Any:
    """Return ``state_dict`` and ``meta`` of a local file, or of several that an index names.

    Args:
        path: the file, an index of several (``model.safetensors.index.json``), or a folder with
            either, called as transformers does it.
        map_location: a device, or its name; with anything else tensors are on the CPU.
        name: what to call it in an error.
        like: tells of ("state_dict", name) and a shape which tensor it is to be spread like over
            processes, if it is: it becomes a `StoredTensor`, of which `load_state_dict` reads this
            process's part.

    Raises:
        ImportError: safetensors isn't installed.
        CheckpointError: it is no such file, or damaged.
    """
    name = name or str(path)
    package = _package("safetensors", name)
    device = str(map_location) if isinstance(map_location, str | torch.device) else "cpu"
    said: Mapping[str, str] = {}
    weights: dict[str, Tensor | StoredTensor] = {}
    try:
        for part in _files(safetensors_of(path) or Path(path)):
            _check(part)
            file = package.safe_open(str(part), framework="pt", device=device)
            said = file.metadata() or {}
            for key in file.keys():  # noqa: SIM118 - no dict
                weights[key] = _tensor(file, key, like)
        return {"meta": json.loads(said.get("meta", "{}")), "state_dict": weights}
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever comes of bytes that are none of its
        raise CheckpointError(
            f"{name} is no file of safetensors, or damaged: {error}"[:600]
        ) from error


def safetensors_of(path: str | Path) -> Path | None:
    """Return the file or index of safetensors that an address means: itself, or one in a folder.

    It is None if it means none.
    """
    path = Path(path)
    if path.name.endswith((SUFFIX, INDEX)):
        return path
    found = (path / f"model{INDEX}", path / f"model{SUFFIX}")
    return next((each for each in found if each.is_file()), None)


def _files(path: Path) -> list[Path]:
    """The file, or those that an index names."""
    if not path.name.endswith(INDEX):
        return [path]
    index = json.loads(read_small(path))
    named = list(index["weight_map"].values())
    names = set() if (strange := [each for each in named if type(each) is not str]) else set(named)
    if strange or (strange := [each for each in names if not _is_name(each)]):
        raise ValueError(f"{path.name} names {strange[0]!r:.100}, which is no file beside it")
    if len(names) > _MOST_FILES:
        raise ValueError(
            f"{path.name} names {len(names):,} files; at most {_MOST_FILES:,} are read"
        )
    listed = sorted(names)
    missing = next((each for each in listed if not (path.parent / each).is_file()), None)
    if missing is not None:
        raise ValueError(f"{path.name} names {missing:.100}, which isn't beside it")
    return [path.parent / each for each in listed]


def _is_name(text: str) -> bool:
    """Whether a text is the name of a file, without a folder."""
    return text not in ("", ".", "..") and not any(mark in text for mark in "/\\\0:")


def _tensor(file: Any, key: str, like: Any) -> Tensor | StoredTensor:
    """A tensor of an open file, read if it isn't spread."""
    stored = StoredTensor(file, key)
    is_spread = like is not None and like(("state_dict", key), tuple(stored.shape)) is not None
    return stored if is_spread else stored.whole()


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
    with opened(path) as file:
        length = int.from_bytes(file.read(HEADER_LENGTH), "little")
        if length > path.stat().st_size:
            raise ValueError("it ends in its header")
        header = json.loads(file.read(length))
        said = header.get("__metadata__", {}) if isinstance(header, dict) else {}
        expected = said.pop(DIGEST, None) if isinstance(said, dict) else None
        if expected is None:
            return
        rest: Any = file
        found = hashlib.file_digest(rest, lambda: hashlib.sha256(canonical(header)))
        if found.hexdigest() != expected:
            raise ValueError("its SHA-256 is another than when it was written")


def facts_of(meta: Mapping[str, Any]) -> str:
    """Return what JSON can hold of facts, as JSON."""
    return json.dumps({key: value for key, value in meta.items() if _fits(value)}, default=_as_json)


def canonical(header: Any) -> bytes:
    """Return the bytes of a header that its digest is of."""
    return json.dumps(header, sort_keys=True).encode()


def _fits(value: Any) -> bool:
    try:
        json.dumps(value, default=_as_json)
    except (TypeError, ValueError):
        return False
    return True


def _as_json(value: Any) -> Any:
    """An array as JSON can hold it."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"JSON holds no {type(value).__name__}")


def _package(module: str, name: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{name} needs safetensors: pip install 'engine-checkpoint[safetensors]'"
        ) from error
