"""JSON."""

from __future__ import annotations

from typing import IO, Any

from engine_fileio.handlers.base import BaseFileHandler
from engine_fileio.handlers.plain_values import to_plain
from engine_fileio.optional import later


class JsonHandler(BaseFileHandler):
    """JSON; arrays, tensors, sets and ranges become lists. Arguments are ``json``'s."""

    def load_from_fileobj(self, file: IO[Any], **kwargs: Any) -> Any:
        """Return the object in an open file."""
        return later("json").load(file, **kwargs)

    def dump_to_fileobj(self, obj: Any, file: IO[Any], **kwargs: Any) -> None:
        """Write an object to an open file."""
        file.write(self.dump_to_str(obj, **kwargs))  # json.dump is slower: it writes bit by bit

    def dump_to_str(self, obj: Any, **kwargs: Any) -> str:
        """Return an object as text."""
        kwargs.setdefault("default", to_plain)
        return str(later("json").dumps(obj, **kwargs))
