"""The file of an index: annotations as texts, which processes map instead of loading them.

header      64 bytes: a mark, and the sizes of the parts
annotations one text after another (`data_encoding`)
attributes  one text: what loading them has set
ends        int64 for each annotation, where it ends; at a multiple of 8
"""

from __future__ import annotations

import mmap
import struct
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine_dataset.data_encoding import NotDataError, decode, encode
from engine_dataset.packed_list import PackedList
from engine_fileio.atomic import atomic_file

__all__ = ["Index", "MappedList", "TextList", "open_index", "write_index"]

_HEADER = struct.Struct("<16s6Q")  # mark, texts, attributes, number of annotations, three spare
_MARK = b"engine index 01\n"


class TextList(PackedList):
    """A packed list of texts as `data_encoding` writes them: no pickle is executed to read one."""

    __slots__ = ()
    _loads = staticmethod(decode)


class MappedList(TextList):
    """The annotations of an index's file, as it lies in the system's memory.

    Processes that have it share its pages; one that is sent to another process goes as a path.
    """

    __slots__ = ("_path",)

    _path: Path

    @classmethod
    def of(cls, path: Path, data: NDArray[np.uint8], ends: NDArray[np.int64]) -> MappedList:
        """Return the list of an index's arrays."""
        made = cls.__new__(cls)
        made._set(data, ends)
        made._path = path
        return made

    def subset(self, indices: Any) -> PackedList:
        """Return a list of the items at ``indices``, in memory."""
        return TextList.from_arrays(*self.arrays).subset(indices)

    def __reduce__(self) -> Any:
        return _reopened, (self._path,)


class Index(NamedTuple):
    """What an index holds."""

    annotations: MappedList
    attributes: dict[str, Any]


def open_index(path: Path) -> Index | None:
    """Map an index's file; None if there is none, or it is none of this version, or not whole."""
    try:
        with path.open("rb") as file:
            pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # mmap's, of an empty file
        return None
    if len(pages) < _HEADER.size:
        return None
    mark, texts, attributes, number, *_ = _HEADER.unpack_from(pages)
    end = _HEADER.size + texts + attributes
    start = _aligned(end)
    if mark != _MARK or len(pages) != start + 8 * number:
        return None
    data = np.frombuffer(pages, np.uint8, texts, _HEADER.size)
    ends = np.frombuffer(pages, "<i8", number, start)
    try:
        found = decode(pages[_HEADER.size + texts : end])
    except ValueError:
        return None
    return Index(MappedList.of(path, data, ends), found) if isinstance(found, dict) else None


def write_index(path: Path, annotations: Iterable[Any], attributes: dict[str, Any]) -> None:
    """Write an index, whole or not at all.

    Raises:
        NotDataError: an annotation, or an attribute, holds what can't be written; the message says
            which.
    """
    ends, texts = array("q"), 0
    with atomic_file(path) as file:
        file.write(bytes(_HEADER.size))
        for number, annotation in enumerate(annotations):
            text = _encoded(annotation, f"annotation {number}")
            texts += file.write(text)
            ends.append(texts)
        last = b"T" + b"{}" if not attributes else _all_of(attributes)
        end = _HEADER.size + texts + file.write(last)
        file.write(bytes(_aligned(end) - end))
        file.write(np.asarray(ends, "<i8").tobytes())
        file.seek(0)
        file.write(_HEADER.pack(_MARK, texts, len(last), len(ends), 0, 0, 0))


def _all_of(attributes: dict[str, Any]) -> bytes:
    for name, value in attributes.items():
        _encoded(value, f"the attribute {name!r}, which loading the annotations sets,")
    return encode(attributes)


def _encoded(value: Any, what: str) -> bytes:
    try:
        return encode(value)
    except NotDataError as error:
        raise NotDataError(
            f"{what} holds a {error}, which an index can't keep: it keeps numbers, texts, bytes, "
            "None, lists, tuples, sets, dicts and numpy's arrays. Use serialize_data=True"
        ) from error


def _aligned(size: int) -> int:
    return -(-size // 8) * 8


def _reopened(path: Path) -> MappedList:
    found = open_index(path)
    if found is None:
        raise FileNotFoundError(f"the index {path} is gone; make the data set anew to rebuild it")
    return found.annotations
