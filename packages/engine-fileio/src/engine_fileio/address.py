"""What an address says: its prefix, its last name, and how addresses are joined.

An address is a path of the local file system, or ``prefix://...``; before the prefix may
stand the name of a cluster, as in ``openmmlab:s3://bucket/key``.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

from engine_fileio.scrub import hide_secrets as hide_secrets
from engine_fileio.scrub import shown_address

_NO_NAME = re.compile(r"[\x00/]" if os.name != "nt" else r"[\x00/\\:]")
_HOME = ("~/", "~\\") if os.name == "nt" else ("~/",)  # `~name` is a file's name
_LONGEST_NAME = 255  # bytes, on most file systems
Address: TypeAlias = str | os.PathLike[str]


def shown(address: Address) -> str:
    """An address for a message, without its login and the values of its query."""
    return shown_address(os.fspath(address))


def split_prefix(address: Address) -> tuple[str, str]:
    """Return ``(cluster, prefix)`` of ``address``; both are empty for a local path.

    One letter is a drive of Windows, not a prefix: ``C://data`` is a path.
    """
    before, mark, _ = os.fspath(address).partition("://")
    if not mark or (len(before) == 1 and before.isalpha()):
        return "", ""
    cluster, _, prefix = before.rpartition(":")
    return cluster, prefix


def base_name(address: Address) -> str:
    """The last name in ``address``, without the query of a URL."""
    is_name = os.name != "nt" and not split_prefix(address)[1]  # a backslash is a letter there
    plain = (os.fspath(address) if is_name else posix(address)).rstrip("/")
    if not plain.startswith(("http://", "https://")):
        return plain.rsplit("/", 1)[-1]
    path = plain.split("?", 1)[0].split("#", 1)[0]
    return _as_file_name(unquote(path.rsplit("/", 1)[-1]))


def _as_file_name(name: str) -> str:
    """The last name of a URL as one of a file: it leads nowhere else, and isn't too long."""
    name = _NO_NAME.sub("_", name)
    while len(name.encode()) > _LONGEST_NAME:
        name = name[1:]  # the end tells the format
    return name if name.strip(". ") else ""


def local_path(address: Address) -> str | Path:
    """``address`` as the system takes it: without ``file://``, ``~`` is the user's folder.

    Raises:
        ValueError: it is a ``file://`` address of another host.
    """
    text = os.fsdecode(address)
    if text.startswith("file://") and not isinstance(address, Path):
        text = _path_in(text)
    elif isinstance(address, Path) and text[:1] != "~":
        return address
    if text == "~" or text.startswith(_HOME):
        return os.path.expanduser(text)  # noqa: PTH111 - Path would change the rest
    return text


def _path_in(file_address: str) -> str:
    text = file_address.removeprefix("file://")
    host, slash, path = text.partition("/")
    if host == "~" or (os.name == "nt" and host[1:] == ":"):
        return unquote(text)
    if host and host.lower() != "localhost":
        raise ValueError(
            f"{shown(file_address)!r} is of the host {host!r}: a file of this one is file:///path"
        )
    path = unquote(slash + path)
    return path[1:] if os.name == "nt" and path[2:3] == ":" else path


def file_path(address: Address) -> str | Path:
    """The local path of a file or folder, which has a name.

    Raises:
        FileNotFoundError: it is empty.
    """
    path = local_path(address)
    if not os.fspath(path):
        raise FileNotFoundError(errno.ENOENT, "an empty path", os.fspath(address))
    return path


def names_folder(path: Address) -> bool:
    """Whether a local path ends as only a folder's can: in a slash, or ``.``."""
    return os.path.basename(os.fspath(path)) in {"", ".", ".."}  # noqa: PTH119 - Path drops it


def local_side(address: Address) -> str | Path:
    """The local path from or to which something is copied.

    Raises:
        ValueError: it is an address in a store.
        FileNotFoundError: it is empty.
    """
    path = file_path(address)
    if path == address and split_prefix(address)[1]:
        raise ValueError(f"{shown(address)!r} is no local path: copyfile copies within a store")
    return path


def posix(address: Address) -> str:
    """``address`` as text with forward slashes, as remote stores want it."""
    return os.fspath(address).replace("\\", "/")


def join(address: Address, *names: Address) -> str:
    """Join ``names`` to a remote ``address`` by single slashes.

    A slash at the end of the last name stays: it is part of an object's key.
    """
    parts = [posix(address), *(posix(name).lstrip("/") for name in names)]
    if len(parts) == 1:
        return parts[0].removesuffix("/")
    return "/".join([*(part.removesuffix("/") for part in parts[:-1]), parts[-1]])


def map_path(address: Address, mapping: Mapping[str, str]) -> str:
    """Replace the longest key of ``mapping`` that ``address`` starts with by its value."""
    text = posix(address)
    fitting = [start for start in mapping if text.startswith(start)]
    if not fitting:
        return text
    start = max(fitting, key=len)
    return mapping[start] + text[len(start) :]
