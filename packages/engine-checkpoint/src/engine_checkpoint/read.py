"""Reading a checkpoint's bytes without executing anything that they name."""

from __future__ import annotations

import io
import mmap
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import torch
from torch import serialization
from torch.serialization import MAGIC_NUMBER

from engine_checkpoint.archive import (
    DamageError,
    Record,
    is_archive,
    new_memory,
    opened,
    records_of,
)
from engine_checkpoint.errors import CheckpointError, MissingCheckpointError
from engine_checkpoint.kinds_torch import Storage, storage_dtype
from engine_checkpoint.pickle_nodes import Made, Named
from engine_checkpoint.pickle_opcodes import nodes_of
from engine_checkpoint.unpickle import Values

__all__ = ["read_file"]

_PICKLE: Final = "data.pkl"
_LENGTH: Final = 8  # bytes before each storage in torch's format before archives
_OLD_HEAD: Final = 3  # pickles before the content in it
_restore_location: Any = serialization.default_restore_location


def read_file(file: str | Path | BinaryIO, map_location: Any = None, *, name: str = "") -> Any:
    """Return what ``torch.save`` wrote, as far as it is data: see `engine_checkpoint.kinds`.

    Its bytes are checked before anything in them is looked at: see
    `engine_checkpoint.archive`.

    Args:
        file: a local file, or one that is open.
        map_location: as ``torch.load``.
        name: what to call it in an error.

    Raises:
        UnsafeCheckpointError: it names something that is no data; nothing was executed.
        MissingCheckpointError: there is no such file.
        CheckpointError: it is no checkpoint, or damaged.
    """
    name = name or str(file)
    try:
        if not isinstance(file, str | Path):
            return _content(file, map_location, name)
        with opened(file) as raw:
            return _content(raw, map_location, name)
    except CheckpointError:
        raise
    except FileNotFoundError as error:
        raise MissingCheckpointError(f"there is no checkpoint {name}") from error
    except RecursionError as error:
        raise CheckpointError(f"{name} is no checkpoint: it is nested too deeply") from error
    except Exception as error:  # whatever comes of bytes that are none of torch's
        told = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise CheckpointError(f"{name} is no checkpoint, or damaged: {told}"[:600]) from error


def _content(file: BinaryIO, map_location: Any, name: str) -> Any:
    restore = _restoring(map_location)
    return (_of_archive if is_archive(file) else _of_old)(file, restore, name)


def _of_archive(file: BinaryIO, restore: Callable[[Any, str], Any], name: str) -> Any:
    memories: dict[str, Any] = {}
    others: dict[str, memoryview] = {}

    def place(record: Record) -> memoryview:
        if "/data/" in record.name:
            memories[record.name], view = new_memory(record.size)
            return view
        others[record.name] = memoryview(bytearray(record.size))
        return others[record.name]

    records_of(file, place)
    inside = next((each for each in others if each.rpartition("/")[2] == _PICKLE), None)
    if inside is None:
        raise DamageError("it has no content that torch has written")
    folder = inside.removesuffix(_PICKLE)
    order = bytes(others.get(f"{folder}byteorder", memoryview(sys.byteorder.encode()))).decode()
    known: dict[str, Storage] = {}

    def storage(said: Any) -> Storage:
        dtype, key, location, size = _said(said)
        if key not in known:
            memory = memories.get(f"{folder}data/{key}")
            if memory is None or memory.nbytes() < size:
                raise DamageError(f"it lacks the storage {key!r:.60}")
            if order != sys.byteorder:
                memory.byteswap(dtype)
            known[key] = Storage(restore(memory, location), dtype)
        return Storage(known[key].memory, dtype)

    node, _ = nodes_of(bytes(others[inside]))
    return Values(storage).whole(node, name)


def _of_old(file: BinaryIO, restore: Callable[[Any, str], Any], name: str) -> Any:
    """Of torch's format before archives: pickles, and then the bytes of each storage."""
    data = _mapped(file)
    magic, at = nodes_of(data)
    if magic != MAGIC_NUMBER:
        raise DamageError("it is none of torch's formats")
    for _ in range(_OLD_HEAD - 1):
        _, at = nodes_of(data, at)
    ids: list[Made] = []
    node, at = nodes_of(data, at, ids)
    known: dict[str, Storage] = {}
    if not ids:
        return Values(lambda _: None).whole(node, name)
    keys, at = nodes_of(data, at)
    said = {each.args[2]: _said(each.args) for each in ids if _is_whole(each.args)}
    for key in keys:
        dtype, _, location, size = said.get(key, (torch.uint8, "", "cpu", 0))
        length = int.from_bytes(data[at : at + _LENGTH], "little")
        begin, at = at + _LENGTH, at + _LENGTH + length * dtype.itemsize
        if length < 0 or at > len(data) or length * dtype.itemsize < size:
            raise DamageError("it is cut off")
        memory, view = new_memory(at - begin)
        view[:] = data[begin:at]
        known[key] = Storage(restore(memory, location), dtype)

    def storage(args: Any) -> Storage:
        dtype, key, _, _ = _said(args)
        if key not in known:
            raise DamageError(f"it lacks the storage {key!r:.60}")
        return Storage(known[key].memory, dtype)

    return Values(storage).whole(node, name)


def _is_whole(args: Any) -> bool:
    return len(args) < 6 or args[5] is None or _refuse_view()


def _refuse_view() -> bool:
    raise DamageError("it holds parts of storages, as versions of torch before 0.4 wrote them")


def _mapped(file: BinaryIO) -> bytes | mmap.mmap:
    if isinstance(file, io.BytesIO):
        return file.getvalue()
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if not size:
        raise DamageError("it is empty")
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return file.read()


def _said(args: Any) -> tuple[torch.dtype, str, str, int]:
    """What a persistent id says of a storage: type, key, device, and bytes."""
    if not isinstance(args, tuple) or len(args) < 5 or args[0] != "storage":
        raise DamageError("it names a storage in an unknown way")
    _, kind, key, location, number = args[:5]
    if not isinstance(kind, Named) or not (type(key) is type(location) is str):
        raise DamageError("it names a storage in an unknown way")
    dtype = storage_dtype(kind.name)
    if type(number) is not int or number < 0:
        raise DamageError("it names a storage of no size")
    return dtype, key, location, number * dtype.itemsize


def _restoring(map_location: Any) -> Callable[[Any, str], Any]:
    """What puts memory where ``map_location`` says, as ``torch.load`` does."""
    if callable(map_location):

        def by_call(memory: Any, location: str) -> Any:
            found = map_location(memory, location)
            return _restore_location(memory, location) if found is None else found

        return by_call
    if isinstance(map_location, Mapping):
        return lambda memory, location: _restore_location(
            memory, str(map_location.get(location, location))
        )
    if map_location is None:
        return lambda memory, location: _restore_location(memory, location)
    return lambda memory, _: _restore_location(memory, str(map_location))
