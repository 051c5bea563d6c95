"""What is asked to be predicted: files, folders, addresses, arrays."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from io import IOBase
from pathlib import PurePath
from typing import Any, Final

import numpy as np
from torch import Tensor

from engine_fileio import isdir, join_path, list_dir_or_file

__all__ = ["PICTURES", "as_list", "called", "files_in"]

_ADDRESS: Final = re.compile(r"[A-Za-z][\w+.-]*://")
# Endings of files that are pictures.
PICTURES: Final = (
    *(".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp", ".gif"),
    *(".jp2", ".avif"),
)


def as_list(inputs: Any, suffixes: tuple[str, ...] = ()) -> list[Any]:
    """Return inputs one by one: the files of a folder, what a list or iterator gives, or the one.

    Args:
        inputs: also a folder on another storage, such as ``s3://bucket/folder``.
        suffixes: of a folder, only files that end so, if it has any.
    """
    if isinstance(inputs, str | os.PathLike):
        path = os.fspath(inputs)
        return files_in(path, suffixes) if _is_folder(path) else [inputs]
    several = isinstance(inputs, Sequence | Iterator)
    if several and not isinstance(inputs, bytes | bytearray | IOBase):
        return list(inputs)
    return [inputs]


def files_in(folder: str, suffixes: tuple[str, ...] = ()) -> list[str]:
    """Return the files of a folder, by name; not those of its folders, nor hidden ones.

    Args:
        folder: local, or on another storage.
        suffixes: only files that end so, in capitals or not, if there are any.
    """
    there = list_dir_or_file(folder, list_dir=False)
    names = sorted(name for name in there if not PurePath(name).name.startswith("."))
    chosen = [name for name in names if name.lower().endswith(suffixes)] if suffixes else names
    return [join_path(folder, name) for name in chosen or names]


def _is_folder(path: str) -> bool:
    """Whether it is a folder; an address on the web is none, nor a text that has one in it."""
    if path.startswith(("http://", "https://")):
        return False
    if "://" in path and not _ADDRESS.match(path):
        return False
    return isdir(path)


def called(item: Any, number: int) -> str:
    """Return what an input is called: its address, or what it is and the how many-th from 0."""
    if isinstance(item, dict):
        item = item.get("img_path", item)
    if isinstance(item, str | os.PathLike):
        return os.fspath(item)
    if isinstance(item, np.ndarray | Tensor):
        return f"{number} ({type(item).__name__} of {tuple(item.shape)})"
    return f"{number} ({type(item).__name__})"
