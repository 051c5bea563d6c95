"""The text of a file, and the place of everything in it."""

from __future__ import annotations

import os
import stat
from itertools import islice
from pathlib import Path

from engine_config.errors import (
    ConfigError,
    ConfigNotFoundError,
    ConfigSyntaxError,
    close_names,
)

__all__ = ["MAX_BYTES", "SUFFIXES", "Key", "Marks", "Place", "Source", "read_source"]

MAX_BYTES = 4 * 2**20
SUFFIXES = (".py", ".yaml", ".yml", ".json")

Key = str | int
Place = tuple[int, int]  # line and column, both from 1


class Source:
    """One text of a configuration with the name that errors call it by."""

    __slots__ = ("path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    def line(self, number: int) -> str:
        """Line ``number``, from 1, without its end; empty where there is none."""
        lines = self.text.split("\n", number) if number > 0 else []
        return lines[number - 1].rstrip("\r") if len(lines) >= number > 0 else ""

    def error(
        self, message: str, place: Place = (0, 0), kind: type[ConfigError] = ConfigError
    ) -> ConfigError:
        """Return the error of ``kind`` that points to ``place``."""
        line = self.line(place[0])
        return kind(message, self.path, place[0], column=place[1], text=line)


class Marks:
    """Where the entries of containers stand in the file that they were read from.

    A container is known by its identity, and kept alive for that.
    """

    __slots__ = ("_of",)

    def __init__(self) -> None:
        self._of: dict[int, tuple[object, dict[Key, Place]]] = {}

    def note(self, container: object, places: dict[Key, Place]) -> None:
        """Remember the place of each key or index of ``container``."""
        self._of[id(container)] = (container, places)

    def add(self, container: object, key: Key, place: Place) -> None:
        """Remember the place of one more entry of ``container``."""
        found = self._of.get(id(container))
        if found is None:
            self._of[id(container)] = (container, {key: place})
        else:
            found[1][key] = place

    def of(self, container: object) -> dict[Key, Place]:
        """The places of the entries of ``container``; empty if none were noted."""
        found = self._of.get(id(container))
        return found[1] if found is not None else {}


def read_source(path: Path, max_bytes: int = MAX_BYTES) -> Source:
    """Read a file as UTF-8.

    Raises:
        ConfigNotFoundError: it is not there, or is no regular file.
        ConfigSyntaxError: it is larger than ``max_bytes``, or is not UTF-8.
    """
    name = str(path)
    try:
        if path.is_dir():
            raise ConfigNotFoundError("this is a folder; a configuration file was expected", name)
        raw = _read_regular(path, max_bytes + 1)
    except ConfigNotFoundError:
        raise
    except FileNotFoundError as error:
        raise ConfigNotFoundError("there is no such file" + _neighbours(path), name) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigNotFoundError(f"this file cannot be read: {reason}", name[:200]) from error
    if len(raw) > max_bytes:
        raise ConfigSyntaxError(
            f"a configuration file holds at most {max_bytes >> 10:,} KiB; this one has "
            f"{path.stat().st_size >> 10:,}. Keep data in files of their own",
            name,
        )
    try:
        return Source(name, raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise ConfigSyntaxError(
            f"a configuration file is written in UTF-8: byte {raw[error.start]:#04x} is not",
            name,
            line,
            column=column,
        ) from error


def _read_regular(path: Path, size: int) -> bytes:
    """Return the first ``size`` bytes of a regular file; a pipe or a device is not even waited for.

    Raises:
        ConfigNotFoundError: it is something else.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # opening a device may do something
        raise _not_regular(path)
    flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    file = os.open(path, os.O_RDONLY | flags)
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise _not_regular(path)
        parts = []
        while size > 0:
            part = os.read(file, min(size, max(status.st_size + 1, 4096)))
            if not part:
                break
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
    finally:
        os.close(file)


def _not_regular(path: Path) -> ConfigError:
    message = "this is a pipe or a device; a configuration file was expected"
    return ConfigNotFoundError(message, str(path))


def _neighbours(path: Path) -> str:
    """Name the closest file in the folder, or the part of the path that is missing."""
    folder = path.parent
    if folder.is_dir():
        return close_names(path.name, (entry.name for entry in islice(folder.iterdir(), 1000)))
    return f"; nor is there a folder {str(folder)!r}"
