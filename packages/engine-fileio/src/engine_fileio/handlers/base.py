"""What a file format can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO, Any

from engine_fileio.address import Address


class BaseFileHandler(ABC):
    """Objects to a file and back. A format of one's own overrides the three abstract methods."""

    str_like = True
    """Whether the format is text (and else bytes)."""

    executes_code = False
    """Whether reading a file can run code that is in it."""

    @abstractmethod
    def load_from_fileobj(self, file: IO[Any], **kwargs: Any) -> Any:
        """Return the object in an open file."""

    @abstractmethod
    def dump_to_fileobj(self, obj: Any, file: IO[Any], **kwargs: Any) -> None:
        """Write an object to an open file."""

    @abstractmethod
    def dump_to_str(self, obj: Any, **kwargs: Any) -> str | bytes:
        """Return an object as text, or as bytes where the format is not text."""

    def load_from_path(self, filepath: Address, mode: str = "r", **kwargs: Any) -> Any:
        """Return the object in a local file."""
        with Path(filepath).open(mode, encoding=None if "b" in mode else "utf-8") as file:
            return self.load_from_fileobj(file, **kwargs)

    def dump_to_path(self, obj: Any, filepath: Address, mode: str = "w", **kwargs: Any) -> None:
        """Write an object to a local file."""
        with Path(filepath).open(mode, encoding=None if "b" in mode else "utf-8") as file:
            self.dump_to_fileobj(obj, file, **kwargs)
