"""Files and folders of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

__all__ = [
    "check_file_exist",
    "find_vcs_root",
    "fopen",
    "is_abs",
    "is_filepath",
    "mkdir_or_exist",
    "scandir",
    "symlink",
]


def is_filepath(x: object) -> bool:
    """Whether ``x`` is a text or a Path."""
    return isinstance(x, str | Path)


def fopen(filepath: str | Path, *args: Any, **kwargs: Any) -> Any:
    """Open a file; the arguments are those of ``open``.

    Raises:
        ValueError: ``filepath`` is neither text nor Path.
    """
    if not is_filepath(filepath):
        raise ValueError(f"filepath must be a str or a Path, got {filepath!r}")
    return Path(filepath).open(*args, **kwargs)


def check_file_exist(filename: str | Path, msg_tmpl: str = 'file "{}" does not exist') -> None:
    """Do nothing if there is such a file.

    Raises:
        FileNotFoundError: there is none; ``msg_tmpl`` is the message, the name filled in.
    """
    if not Path(filename).is_file():
        raise FileNotFoundError(msg_tmpl.format(filename))


def mkdir_or_exist(dir_name: str | Path, mode: int = 0o777) -> None:
    """Make a folder, and those above it, unless it is there; an empty name is none."""
    if str(dir_name):
        Path(os.fsdecode(dir_name)).expanduser().mkdir(mode, parents=True, exist_ok=True)


def symlink(src: str | Path, dst: str | Path, overwrite: bool = True, **kwargs: Any) -> None:
    """Make a link ``dst`` to ``src``, in place of what is there if ``overwrite``."""
    if os.path.lexists(dst) and overwrite:
        Path(os.fsdecode(dst)).unlink()
    Path(os.fsdecode(dst)).symlink_to(os.fsdecode(src), **kwargs)


def scandir(
    dir_path: str | Path,
    suffix: str | tuple[str, ...] | None = None,
    recursive: bool = False,
    case_sensitive: bool = True,
) -> Iterator[str]:
    """Yield the files of a folder, relative to it, without hidden ones.

    Args:
        dir_path: the folder.
        suffix: what their names end with; by default anything.
        recursive: whether to look into its folders, but for hidden ones.
        case_sensitive: whether ``suffix`` is compared as it is written.

    Raises:
        TypeError: ``dir_path`` or ``suffix`` is of another type.
    """
    if not is_filepath(dir_path):
        raise TypeError(f"dir_path must be a str or a Path, got {dir_path!r}")
    if suffix is not None and not isinstance(suffix, str | tuple):
        raise TypeError(f"suffix must be a str or a tuple of them, got {suffix!r}")
    endings = suffix if isinstance(suffix, tuple) else (suffix or "",)
    if not case_sensitive:
        endings = tuple(ending.lower() for ending in endings)
    for found in _files(str(dir_path), recursive):
        name = found if case_sensitive else found.lower()
        if name.endswith(endings):
            yield os.path.relpath(found, dir_path)


def _files(folder: str, recursive: bool) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_file():
                yield entry.path
            elif recursive and entry.is_dir():
                yield from _files(entry.path, recursive)


def find_vcs_root(path: str | Path, markers: Iterable[str] = (".git",)) -> str | None:
    """Return the closest folder, from ``path`` upwards, that holds one of ``markers``."""
    start = Path(path).absolute()
    start = start.parent if start.is_file() else start
    for folder in (start, *start.parents):
        if any((folder / marker).exists() for marker in markers):
            return str(folder)
    return None


def is_abs(path: str) -> bool:
    """Whether ``path`` is absolute, or the address of an object store or web server."""
    return os.path.isabs(path) or path.startswith(("http://", "https://", "s3://"))  # noqa: PTH117
