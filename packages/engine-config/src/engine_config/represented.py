"""Values as they are shown to a person: without their secrets, whatever they are."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, ValuesView
from typing import TYPE_CHECKING, Any

from engine_config.secrets import masked

if TYPE_CHECKING:
    from _collections_abc import dict_items

__all__ = ["MaskedItems", "MaskedValues", "represented"]


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


def _entries(mapping: Any) -> dict_items[Any, Any]:
    return dict.items(mapping)


class MaskedItems(ItemsView[Any, Any]):
    """Items of a dict that has secrets: a view that doesn't show them."""

    def __init__(self, values: dict[Any, Any]) -> None:
        super().__init__(values)
        self._values = values

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return iter(_entries(self._values))

    def __reversed__(self) -> Iterator[tuple[Any, Any]]:
        return reversed(_entries(self._values))

    def __repr__(self) -> str:
        return f"dict_items({represented([*_entries(masked(self._values))])})"


class MaskedValues(ValuesView[Any]):
    """Values of a dict that has secrets: a view that doesn't show them."""

    def __init__(self, values: dict[Any, Any]) -> None:
        super().__init__(values)
        self._values = values

    def __iter__(self) -> Iterator[Any]:
        return (value for _, value in _entries(self._values))

    def __reversed__(self) -> Iterator[Any]:
        return (value for _, value in reversed(_entries(self._values)))

    def __repr__(self) -> str:
        return f"dict_values({represented([each for _, each in _entries(masked(self._values))])})"
