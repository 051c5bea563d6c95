"""Reading a sharded checkpoint: of each tensor what is wanted, by any number of ranks."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor

from engine_checkpoint.archive import DamageError, opened
from engine_checkpoint.errors import CheckpointError
from engine_checkpoint.read import read_file
from engine_checkpoint.sharded.flattening import Place, joined
from engine_checkpoint.sharded.folder import (
    CONTENT,
    LAYOUT,
    Digest,
    check_files,
    digests_of,
    read_small,
)
from engine_checkpoint.sharded.layout import Chunk, Layout, Spot, Stored, read_layout
from engine_checkpoint.sharded.write_plan import region_of
from engine_dist.shards import local

__all__ = ["Like", "ShardedFolder", "read_sharded"]

# Given the place of a tensor and its shape, the tensor that it is to be spread like, or None.
Like = Callable[[Place, tuple[int, ...]], Tensor | None]

_CHECKERS: Final = 4  # files whose digests are compared at once


class _Region(NamedTuple):
    offsets: tuple[int, ...]
    size: tuple[int, ...]


def read_sharded(
    path: str | Path,
    map_location: Any = None,
    *,
    like: Like | None = None,
    keys: Collection[str] | None = None,
    name: str = "",
) -> dict[str, Any]:
    """Return what a folder holds, as the file of such a checkpoint would.

    What is read is compared with its digests first; nothing that it names is executed. Ranks need
    not read at the same time, nor all of them.

    Args:
        path: the folder.
        map_location: a device, or its name, for whole tensors; with anything else they are on the
            CPU.
        like: tells which tensors are spread over ranks, and how: of these only this rank's part is
            read.
        keys: the parts of the checkpoint to read; None for all.
        name: what to call it in an error.

    Raises:
        UnsafeCheckpointError: it names something that is no data.
        CheckpointError: it is no checkpoint, or damaged.
    """
    folder = ShardedFolder(path, name=name)
    content, places = folder.content()
    if keys is not None:
        content = {key: each for key, each in content.items() if key in keys}
        places = [(place, each) for place, each in places if place[0] in keys]
    wanted = {each for _, each in places}
    models = {} if like is None else folder.spread(wanted, like)
    folder.check(wanted, models)
    device = map_location if isinstance(map_location, str | torch.device) else "cpu"

    def read(tensor: str) -> Any:
        found = folder.read(tensor, models.get(tensor))
        return found.to(device) if isinstance(found, Tensor) and tensor not in models else found

    try:
        return joined(content, places, read)
    except (LookupError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{folder.name} is damaged: its tensors have no place") from error


class ShardedFolder:
    """A folder with a checkpoint, ours or one of torch.distributed.checkpoint.

    Args:
        path: where it is.
        name: what to call it in an error.

    Attributes:
        layout: which tensors it has, and where.

    Raises:
        CheckpointError: it is no checkpoint, or damaged.
    """

    def __init__(self, path: str | Path, *, name: str = "") -> None:
        self.path, self.name = Path(path), name or str(path)
        self._digests: Mapping[str, Digest] | None = digests_of(self.path, self.name)
        if self._digests is not None:
            check_files(self.path, self._digests, [LAYOUT, CONTENT], name=self.name)
        self.layout: Layout = read_layout(self._bytes(LAYOUT), self.name)

    def _bytes(self, file: str) -> bytes:
        try:
            return read_small(self.path / file)
        except (OSError, DamageError) as error:
            raise CheckpointError(f"{self.name} is damaged: {file}: {error}") from error

    def content(self) -> tuple[dict[str, Any], list[tuple[Place, str]]]:
        """Return all but the tensors, and where these belong: see `Parts`."""
        if self._digests is None:
            return self._nested()
        source = io.BytesIO(self._bytes(CONTENT))
        found = read_file(source, "cpu", name=f"{self.name}: {CONTENT}")
        try:
            content, places = found["content"], [(place, name) for place, name in found["places"]]
            missing = {name for _, name in places} - self.layout.tensors.keys()
        except (LookupError, TypeError, ValueError) as error:
            raise CheckpointError(f"{self.name} is damaged: {CONTENT} tells no places") from error
        if missing or not isinstance(content, dict):
            raise CheckpointError(f"{self.name} is damaged: {CONTENT} is of another checkpoint")
        return content, places

    def _nested(self) -> tuple[dict[str, Any], list[tuple[Place, str]]]:
        """Of a folder of torch's own, whose names tell the places."""
        content: dict[str, Any] = {}
        places: list[tuple[Place, str]] = []
        for name in (*self.layout.tensors, *self.layout.others):
            # sequences become mappings: their lengths are not told
            *way, last = map(str, self.layout.paths.get(name, (name,)))
            inner = content
            for key in way:
                inner = inner.setdefault(key, {})
            inner[last] = None
            places.append(((*way, last), name))
        return content, places

    def spread(self, names: Collection[str], like: Like) -> dict[str, Tensor]:
        """Return what tensors are to be spread like, of those that are."""
        found = {}
        for name in names:
            stored = self.layout.tensors.get(name)
            place = self.layout.paths.get(name, (name,))
            model = None if stored is None else like(place, stored.shape)
            if model is not None:
                found[name] = model
        return found

    def check(self, names: Collection[str], models: Mapping[str, Tensor]) -> None:
        """Compare the files that are read for some tensors with their digests.

        Raises:
            CheckpointError: one is damaged.
        """
        if self._digests is None:
            return
        files = {
            chunk.spot.file
            for name in names
            for chunk in self._wanted(name, _region(self.layout.tensors[name], models.get(name)))
        }
        with ThreadPoolExecutor(_CHECKERS) as workers:
            act = partial(check_files, self.path, self._digests, name=self.name)
            list(workers.map(lambda file: act([file]), sorted(files)))

    def read(self, name: str, model: Tensor | None = None) -> Any:
        """Return a tensor, or of one that is to be spread like ``model`` this rank's part.

        Raises:
            CheckpointError: it is damaged.
        """
        if name in self.layout.others:
            return self._load(self.layout.others[name])
        stored = self.layout.tensors[name]
        region = _region(stored, model)
        device = "cpu" if model is None else local(model).device
        try:
            found = torch.empty(region.size, dtype=stored.dtype, device=device)
        except RuntimeError as error:
            raise CheckpointError(f"{self.name}: {name} is too large: {region.size}") from error
        filled = 0
        for chunk in self._wanted(name, region):
            filled += _copy(self._part(name, stored, chunk), found, chunk=chunk, region=region)
        if filled != found.numel():
            raise CheckpointError(f"{self.name} is damaged: it lacks parts of {name}")
        return found if model is None else _joined(found, model)

    def _wanted(self, name: str, region: _Region) -> Iterator[Chunk]:
        for chunk in self.layout.tensors[name].chunks:
            if len(chunk.offsets) != len(region.size) or len(chunk.size) != len(region.size):
                raise CheckpointError(f"{self.name} is damaged: {name} has parts of another shape")
            if all(size > 0 for size in _overlap(chunk, region).size):
                yield chunk

    def _part(self, name: str, stored: Stored, chunk: Chunk) -> Tensor:
        found = self._load(chunk.spot)
        shape = tuple(getattr(found, "shape", ()))
        if not isinstance(found, Tensor) or (found.dtype, shape) != (stored.dtype, chunk.size):
            raise CheckpointError(f"{self.name} is damaged: a part of {name} is something else")
        return found

    def _load(self, spot: Spot) -> Any:
        """What `torch.save` has written into a stretch of a file."""
        try:
            with opened(self.path / spot.file) as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(spot.offset)
                data = io.BytesIO(file.read(min(spot.length, max(0, size - spot.offset))))
        except (OSError, DamageError) as error:
            raise CheckpointError(f"{self.name}: {spot.file}: {error}") from error
        name = f"{self.name}: {spot.file}"
        if self._digests is None:
            return read_file(data, "cpu", name=name)
        try:
            return torch.load(data, map_location="cpu", weights_only=True)
        except Exception as error:  # whatever comes of bytes that are none of torch's
            raise CheckpointError(f"{name} is damaged: {error}"[:600]) from error


def _region(stored: Stored, model: Any) -> _Region:
    if model is None:
        return _Region((0,) * len(stored.shape), stored.shape)
    size, offsets = region_of(model)
    return _Region(offsets, size)


def _overlap(chunk: Chunk, region: _Region) -> _Region:
    begins, sizes = [], []
    for one, long, other, wide in zip(
        chunk.offsets, chunk.size, region.offsets, region.size, strict=True
    ):
        begin = max(one, other)
        begins.append(begin)
        sizes.append(max(0, min(one + long, other + wide) - begin))
    return _Region(tuple(begins), tuple(sizes))


def _copy(part: Tensor, target: Tensor, *, chunk: Chunk, region: _Region) -> int:
    """Copy what a part and a region have in common, and return how many numbers it is."""
    begins, sizes = _overlap(chunk, region)
    for dim, (begin, size) in enumerate(zip(begins, sizes, strict=True)):
        part = part.narrow(dim, begin - chunk.offsets[dim], size)
        target = target.narrow(dim, begin - region.offsets[dim], size)
    target.copy_(part)
    return prod(sizes)


def _joined(own: Tensor, model: Any) -> Tensor:
    from torch.distributed.tensor import DTensor

    return DTensor.from_local(
        own,
        model.device_mesh,
        model.placements,
        run_check=False,
        shape=torch.Size(model.shape),
        stride=model.stride(),
    )
