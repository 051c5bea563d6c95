"""Masked repr: values as they are shown to a person, without their secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from engine_config.lazy import LazyAttr, LazyObject
from engine_config.secret_names import names_secret
from engine_config.secrets import masked

__all__ = ["MaskedList", "represented"]

_ATOMS = frozenset({bool, bytes, complex, float, int, str, type(None)})
_PLAIN = _ATOMS - {str}
_CONTAINERS = frozenset({frozenset, list, set, tuple})
_KNOWN = (LazyAttr, LazyObject, type)


def represented(value: Any) -> str:
    """``repr(value)`` without its secrets, and also where Python writes no integer so long."""
    if type(value) not in _PLAIN:
        value = _bare(masked(value))
    try:
        return repr(value)
    except ValueError:
        return repr(_written(value))


def _bare(value: Any) -> Any:
    """A value in plain dicts, which need not be masked one by one."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if isinstance(value, dict):
        return {k: e if type(e) in _ATOMS else _bare(e) for k, e in dict.items(value)}
    if kind in (list, tuple):
        return kind([each if type(each) in _ATOMS else _bare(each) for each in value])
    return value if kind in _CONTAINERS or isinstance(value, _KNOWN) else _Object(value)


class _Object:
    """What only its own `repr` knows: shown if that names no secret."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __repr__(self) -> str:
        shown = repr(self._value)
        return f"<{type(self._value).__name__}>" if names_secret(shown) else shown


class _Hexadecimal(int):
    def __repr__(self) -> str:
        return hex(self)


def _written(value: Any) -> Any:
    """A value with integers that show as they are read."""
    kind = type(value)
    if kind is int:
        return _Hexadecimal(value)
    if isinstance(value, dict):
        return {_written(key): _written(each) for key, each in dict.items(value)}
    if kind in (list, tuple, set, frozenset):
        return kind([_written(each) for each in value])
    return value


class MaskedList(list[Any]):
    """Items or values of a dict, shown without its secrets.

    Args:
        values: what it holds.
        owner: the dict.
        view: makes the same of it without secrets.
    """

    def __init__(
        self, values: Iterable[Any], owner: Any, view: Callable[[dict[Any, Any]], Iterable[Any]]
    ) -> None:
        super().__init__(values)
        self._owner, self._view = owner, view

    def __repr__(self) -> str:
        shown = masked(self._owner)
        return represented([*self._view(shown)] if isinstance(shown, dict) else shown)
