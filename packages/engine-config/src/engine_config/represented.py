"""Values as they are shown to a person: without their secrets, whatever they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine_config.secrets import masked

__all__ = ["MaskedList", "represented"]


def represented(value: Any) -> str:
    """``repr(value)`` without its secrets, and also where Python writes no integer so long."""
    value = _bare(masked(value))
    try:
        return repr(value)
    except ValueError:
        return repr(_written(value))


def _bare(value: Any) -> Any:
    """A value in plain dicts, which need not be masked one by one."""
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in dict.items(value)}
    if type(value) in (list, tuple):
        return type(value)([_bare(each) for each in value])
    return value


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
    """Items or values of a dict that has secrets: a list that doesn't show them.

    Args:
        values: what it holds.
        shown: the same without secrets.
    """

    def __init__(self, values: Iterable[Any], shown: Iterable[Any]) -> None:
        super().__init__(values)
        self._shown = shown

    def __repr__(self) -> str:
        return represented([*self._shown])
