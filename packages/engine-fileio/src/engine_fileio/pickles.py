"""Pickles: read as data where they are data, and executed only where that is allowed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from typing import Any

from engine_fileio.errors import UntrustedError
from engine_fileio.optional import later

__all__ = ["GROUP", "NotDataError", "data_alone", "is_data_alone", "load_pickle"]

GROUP = "engine.fileio.pickles"
"""Entry points of functions that read a pickle's bytes as data.

One returns the value, or raises `NotDataError` for a pickle that names more than data; it executes
nothing and imports nothing that the pickle names.
"""

_MOST_NAMED = 3
_SETS = {
    f"{module}.{kind.__name__}": kind
    for module in ("builtins", "__builtin__")
    for kind in (set, frozenset)
}
_readers: list[Callable[[bytes], Any]] | None = None


class NotDataError(ValueError):
    """A pickle names more than data; ``args`` are the names."""


def load_pickle(data: bytes, where: str, *, trusted: bool | None, **kwargs: Any) -> Any:
    """Return the object in a pickle.

    Args:
        data: its bytes.
        where: its address, for messages.
        trusted: True executes it; False reads data alone; None executes it only if it is no data,
            with a warning that says what it names.
        kwargs: for Python's reader, which is used if there are any.

    Raises:
        UntrustedError: it is no data, and ``trusted`` is False.
    """
    if trusted is None and is_data_alone():
        trusted = False
    if trusted or kwargs:
        if trusted is False:
            raise UntrustedError(f"{where}: a pickle is read as data without {[*kwargs]}")
        return later("pickle").load(BytesIO(data), **kwargs)
    try:
        return _as_data(data, is_quick=trusted is None)
    except NotDataError as error:
        named = ", ".join(map(str, error.args[:_MOST_NAMED])) or "more than data"
        if trusted is False:
            raise UntrustedError(
                f"{where} is a pickle that names {named}: reading it would execute code. If you "
                "trust it: load(..., trusted=True)"
            ) from error
        warnings.warn(
            f"{where} is a pickle that names {named}, and is executed to read it; say "
            "load(..., trusted=True) if you trust it, and trusted=False to refuse such files",
            stacklevel=4,
        )
        return later("pickle").load(BytesIO(data))


def _as_data(data: bytes, *, is_quick: bool) -> Any:
    """The value of a pickle that holds data.

    Python's own reader is the quick one; a few bytes can make it take all memory.
    """
    if is_quick:
        try:
            return _plain(later("pickle").Unpickler, data)
        except NotDataError:
            pass
    for reader in _known_readers():
        return reader(data)
    return _plain(later("pickle")._Unpickler, data)


def _plain(kind: Any, data: bytes) -> Any:
    """What needs no name: numbers, texts, bytes, lists, tuples, dicts and sets."""

    class Plain(kind):  # type: ignore[misc]  # one of two readers
        def find_class(self, module: str, name: str) -> Any:
            if f"{module}.{name}" in _SETS:
                return _SETS[f"{module}.{name}"]
            raise NotDataError(f"{module}.{name}")

    return Plain(BytesIO(data)).load()


def _known_readers() -> list[Callable[[bytes], Any]]:
    """The readers of installed packages, which know more kinds of data."""
    global _readers  # looked for once
    if _readers is None:
        from importlib.metadata import entry_points  # slow to import

        _readers = [entry.load() for entry in entry_points(group=GROUP)]
    return _readers


_data_alone: ContextVar[bool] = ContextVar("pickles hold data alone", default=False)


def is_data_alone() -> bool:
    """Whether `data_alone` is in force."""
    return _data_alone.get()


@contextmanager
def data_alone(alone: bool = True) -> Iterator[None]:
    """Let pickles be read as data alone for a while, as if ``trusted=False`` were said.

    It holds for this thread (or asynchronous task) alone.
    """
    token = _data_alone.set(alone)
    try:
        yield
    finally:
        _data_alone.reset(token)
