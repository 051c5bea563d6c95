"""What is where in a folder of torch.distributed.checkpoint, told by its pickle without trust.

Every class that torch's pickle names stands for plain data here; whatever else is named is an
error. The stand-ins are made anew for each file, since a pickle can change what it names.
"""

from __future__ import annotations

import collections
import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch

from engine_checkpoint.errors import CheckpointError, UnsafeCheckpointError
from engine_checkpoint.sharded.flattening import Place

__all__ = ["Chunk", "Layout", "Spot", "Stored", "read_layout"]

_TORCH: Final = "torch.distributed.checkpoint"


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A stretch of bytes of a file in the folder."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A part of a tensor, and where it is."""

    offsets: tuple[int, ...]
    size: tuple[int, ...]
    spot: Spot


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A tensor in parts."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What is where.

    Attributes:
        tensors: by name.
        others: what is no tensor, by name.
        paths: the place of each name in a nested state; may lack some.
    """

    tensors: Mapping[str, Stored]
    others: Mapping[str, Spot]
    paths: Mapping[str, Place]


class _Record:
    """Stands for an object of torch: its attributes, and nothing else."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, dict):
            self.__dict__.update(state)
        else:
            self.values = state

    def __hash__(self) -> int:
        return hash((getattr(self, "fqn", None), getattr(self, "offset", None)))

    def __eq__(self, other: object) -> bool:
        mine, its = ((getattr(x, "fqn", 0), getattr(x, "offset", None)) for x in (self, other))
        return mine == its


def _stand_ins() -> dict[str, Any]:
    records = [
        *(f"{_TORCH}.metadata.{name}" for name in ("Metadata", "MetadataIndex", "StorageMeta")),
        f"{_TORCH}.metadata.TensorStorageMetadata",
        f"{_TORCH}.metadata.BytesStorageMetadata",
        f"{_TORCH}.metadata.ChunkStorageMetadata",
        f"{_TORCH}.metadata.TensorProperties",
        f"{_TORCH}.metadata._MEM_FORMAT_ENCODING",
        f"{_TORCH}.filesystem._StorageInfo",
        "torch.serialization._get_layout",
        "torch._utils._get_layout",
        *(
            f"pathlib{inner}.{kind}Path"
            for inner in ("", "._local")
            for kind in ("Posix", "Windows")
        ),
    ]
    found: dict[str, Any] = {
        name: type(name.rpartition(".")[2], (_Record,), {}) for name in records
    }
    return {**found, "torch.Size": torch.Size, "collections.OrderedDict": collections.OrderedDict}


class _Reader(pickle.Unpickler):
    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self._known = _stand_ins()

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full in self._known:
            return self._known[full]
        found = vars(torch).get(name) if module == "torch" else None
        if isinstance(found, torch.dtype | torch.layout):
            return found
        raise UnsafeCheckpointError(full)


def read_layout(data: bytes, name: str) -> Layout:
    """Return what the bytes of a ``.metadata`` tell.

    Args:
        data: the file's bytes.
        name: what to call the checkpoint in an error.

    Raises:
        UnsafeCheckpointError: it names something that is no data; nothing was executed.
        CheckpointError: it is damaged, or of a kind that isn't read.
    """
    try:
        return _layout(_Reader(data).load())
    except UnsafeCheckpointError as error:
        raise UnsafeCheckpointError(
            f"{name} holds more than data, and was not executed: its .metadata names {error}"
        ) from None
    except Exception as error:  # whatever comes of bytes that are none of torch's
        raise CheckpointError(
            f"{name} is no checkpoint, or damaged: its .metadata can't be read: "
            f"{type(error).__name__}: {error}"[:600]
        ) from error


def _layout(found: Any) -> Layout:
    spots = {
        (str(index.fqn), _numbers(getattr(index, "offset", None))): _spot(info)
        for index, info in dict(found.storage_data).items()
    }
    tensors, others = {}, {}
    for name, entry in dict(found.state_dict_metadata).items():
        if not hasattr(entry, "chunks"):
            others[str(name)] = spots[str(name), ()]
            continue
        chunks = tuple(_chunk(str(name), chunk, spots) for chunk in entry.chunks)
        tensors[str(name)] = Stored(
            dtype=_dtype(entry.properties), shape=_numbers(entry.size), chunks=chunks
        )
    paths = getattr(found, "planner_data", None)
    known = {str(key): (*path,) for key, path in (paths or {}).items()}
    return Layout(tensors=tensors, others=others, paths=known)


def _chunk(name: str, chunk: Any, spots: Mapping[Any, Spot]) -> Chunk:
    offsets = _numbers(chunk.offsets)
    return Chunk(offsets=offsets, size=_numbers(chunk.sizes), spot=spots[name, offsets])


def _dtype(properties: Any) -> torch.dtype:
    found = properties.dtype if hasattr(properties, "dtype") else properties.values[0]
    if not isinstance(found, torch.dtype):
        raise TypeError(f"a tensor's type is {found!r:.60}")
    return found


def _numbers(values: Any) -> tuple[int, ...]:
    found = tuple(int(each) for each in values or ())
    if any(each < 0 for each in found):
        raise ValueError(f"a size or place is negative: {found}")
    return found


def _spot(info: Any) -> Spot:
    file = str(info.relative_path)
    if not file or file in (".", "..") or "/" in file or "\\" in file or ":" in file:
        raise ValueError(f"a file outside the folder: {file!r:.100}")
    if getattr(info, "transform_descriptors", None):
        raise ValueError(f"{file} is compressed or encrypted, which isn't read")
    offset, length = _numbers((info.offset, info.length))
    return Spot(file=file, offset=offset, length=length)
