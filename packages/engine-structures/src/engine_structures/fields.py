"""The names of an element's fields, and copies of the values that describe it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

__all__ = ["FieldNames", "owned"]

_IMMUTABLE = frozenset({bool, bytes, complex, float, int, str, type(None)})


class FieldNames(dict[str, None]):
    """A set of names that keeps the order in which they came."""

    __slots__ = ()

    def add(self, name: str) -> None:
        """Add ``name`` at the end, unless it is there."""
        self[name] = None

    def remove(self, name: str) -> None:
        """Take ``name`` out.

        Raises:
            KeyError: it is not there.
        """
        del self[name]

    def discard(self, name: str) -> None:
        """Take ``name`` out if it is there."""
        self.pop(name, None)

    def __repr__(self) -> str:
        return "{" + ", ".join(map(repr, self)) + "}"


def owned(value: Any) -> Any:
    """Return a deep copy of ``value``, or itself where nobody could tell."""
    if type(value) in _IMMUTABLE:
        return value
    if type(value) is tuple and all(type(item) in _IMMUTABLE for item in value):
        return value
    return deepcopy(value)
