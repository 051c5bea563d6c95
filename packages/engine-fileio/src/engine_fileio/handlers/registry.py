"""Which handler goes by which file format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from engine_fileio.address import hide_secrets
from engine_fileio.errors import UnknownFormatError
from engine_fileio.handlers.base import BaseFileHandler
from engine_fileio.handlers.json_handler import JsonHandler
from engine_fileio.handlers.pickle_handler import PickleHandler
from engine_fileio.handlers.yaml_handler import YamlHandler
from engine_fileio.optional import later

Handler = TypeVar("Handler", bound=type[BaseFileHandler])

file_handlers: dict[str, BaseFileHandler] = {
    "json": JsonHandler(),
    "pickle": PickleHandler(),
    "pkl": PickleHandler(),
    "yaml": YamlHandler(),
    "yml": YamlHandler(),
}
"""File format, which is a file's suffix: handler. Change it by ``register_handler``."""


def register_handler(
    file_formats: str | list[str] | tuple[str, ...], **kwargs: Any
) -> Callable[[Handler], Handler]:
    """A class decorator that makes a handler known; what had the format before is replaced.

    Args:
        file_formats: the suffixes, without a dot.
        kwargs: what the class is made with.

    Raises:
        TypeError: a format is no text, or the class is no ``BaseFileHandler``.
    """
    formats = [file_formats] if isinstance(file_formats, str) else file_formats
    if not (isinstance(formats, list | tuple) and all(isinstance(one, str) for one in formats)):
        raise TypeError(f"file_formats must be a str or a list of str, got {file_formats!r}")

    def register(kind: Handler) -> Handler:
        if not (isinstance(kind, type) and issubclass(kind, BaseFileHandler)):
            raise TypeError(f"a handler must be a subclass of BaseFileHandler, got {kind!r}")
        file_handlers.update(dict.fromkeys(formats, kind(**kwargs)))
        return kind

    return register


def handler_for(file_format: str | None, where: object) -> BaseFileHandler:
    """Return the handler for ``file_format``.

    Raises:
        UnknownFormatError: there is none; the message lists them.
    """
    found = file_handlers.get(file_format or "")
    if found is not None:
        return found
    near = later("difflib").get_close_matches(file_format or "", file_handlers, n=1)
    raise UnknownFormatError(
        f"no handler for the format {hide_secrets(str(file_format))!r} of {where!r}"
        f"{f', did you mean {near[0]!r}' if near else ''}; there are: "
        f"{', '.join(sorted(file_handlers))}. Give file_format=, or add one by register_handler"
    )
