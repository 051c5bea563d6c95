"""Pickle."""

from __future__ import annotations

from typing import IO, Any

from engine_fileio.address import Address
from engine_fileio.handlers.base import BaseFileHandler
from engine_fileio.optional import later


class PickleHandler(BaseFileHandler):
    """Pickle; reading a file runs what is in it, so read only what you trust."""

    str_like = False
    executes_code = True

    def load_from_fileobj(self, file: IO[Any], **kwargs: Any) -> Any:
        """Return the object in an open file."""
        return later("pickle").load(file, **kwargs)

    def load_from_path(  # type: ignore[override]  # MMEngine's: a pickle has no mode
        self, filepath: Address, **kwargs: Any
    ) -> Any:
        """Return the object in a local file."""
        return super().load_from_path(filepath, mode="rb", **kwargs)

    def dump_to_fileobj(self, obj: Any, file: IO[Any], **kwargs: Any) -> None:
        """Write an object to an open file."""
        later("pickle").dump(obj, file, **kwargs)

    def dump_to_str(self, obj: Any, **kwargs: Any) -> bytes:
        """Return an object as bytes."""
        return bytes(later("pickle").dumps(obj, **kwargs))

    def dump_to_path(  # type: ignore[override]  # MMEngine's: a pickle has no mode
        self, obj: Any, filepath: Address, **kwargs: Any
    ) -> None:
        """Write an object to a local file."""
        super().dump_to_path(obj, filepath, mode="wb", **kwargs)
