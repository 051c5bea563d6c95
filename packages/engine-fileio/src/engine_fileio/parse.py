"""Lists and dictionaries in text files, a line an entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any

from engine_fileio.address import Address, shown
from engine_fileio.file_client import client_or_backend


def list_from_file(
    filename: Address,
    prefix: str = "",
    offset: int = 0,
    max_num: int = 0,
    encoding: str = "utf-8",
    file_client_args: Mapping[str, Any] | None = None,
    backend_args: Mapping[str, Any] | None = None,
) -> list[str]:
    r"""Return the lines of a text file, without their ends.

    Args:
        filename: the file's address.
        prefix: what to put before every line.
        offset: how many lines to pass over.
        max_num: how many lines to return; 0 for all.
        encoding: of the text.
        file_client_args: deprecated, use ``backend_args``.
        backend_args: see ``get_file_backend``.
    """
    store = client_or_backend(filename, file_client_args, backend_args)
    text = store.get_text(filename, encoding=encoding)
    lines = [line.rstrip("\r") for line in text.split("\n")] if "\r" in text else text.split("\n")
    if not lines[-1]:
        lines.pop()  # the end of the last line begins no other
    first = max(offset, 0)
    if first or max_num > 0:
        lines = lines[first : first + max_num if max_num > 0 else None]
    return [prefix + line for line in lines] if prefix else lines


def dict_from_file(
    filename: Address,
    key_type: Callable[[str], Any] = str,
    encoding: str = "utf-8",
    file_client_args: Mapping[str, Any] | None = None,
    backend_args: Mapping[str, Any] | None = None,
) -> dict[Any, str | list[str]]:
    """Return a text file of lines ``key value ...`` as a dictionary.

    A value is text if the line has one, and a list of texts if it has more.

    Args:
        filename: the file's address.
        key_type: what makes a key of the first word.
        encoding: of the text.
        file_client_args: deprecated, use ``backend_args``.
        backend_args: see ``get_file_backend``.

    Raises:
        ValueError: a line has no value, or a key is not what ``key_type`` takes; the message has
            the line's number.
    """
    store = client_or_backend(filename, file_client_args, backend_args)
    text = store.get_text(filename, encoding=encoding)
    mapping: dict[Any, str | list[str]] = {}
    for number, line in enumerate(StringIO(text), start=1):
        key, *values = line.rstrip("\r\n").split() or [""]
        if not values:
            raise ValueError(
                f"{shown(filename)}:{number}: expected a key and a value, got {line!r}"
            )
        try:
            made = key_type(key)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{shown(filename)}:{number}: bad key {key!r}: {error}") from error
        mapping[made] = values[0] if len(values) == 1 else values
    return mapping
