"""Values of configurations: imported where they are lazy, in plain containers, copied."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from engine_config.lazy import LazyAttr, LazyObject, is_trusted, name_of

__all__ = ["ATOMS", "LAZY", "built", "copied", "pairs", "plain"]

LAZY = frozenset({LazyObject, LazyAttr})
ATOMS = frozenset({bool, bytes, complex, float, int, str, type(None), LazyObject, LazyAttr})


def built(value: Any) -> Any:
    """Return ``value``, imported if it is a lazy object that somebody has trusted."""
    return value.build() if type(value) in LAZY and is_trusted(value) else value


def plain(value: Any) -> Any:
    """Return ``value`` in plain dicts, lists and tuples, lazy objects as dotted names.

    A stranger's name stays one: it is a text that says so.
    """
    if type(value) in ATOMS:
        return name_of(value) if type(value) in LAZY else value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in dict.items(value)}
    if type(value) in (list, tuple):
        return type(value)([plain(item) for item in value])
    return value


def pairs(value: Any) -> Iterable[tuple[Any, Any]]:
    """Return (key, value) of a mapping or of pairs; lazy objects stay as they are."""
    if isinstance(value, dict):
        return list(dict.items(value))
    return list(value.items() if isinstance(value, Mapping) else value)


def copied(value: Any, memo: dict[int, Any]) -> Any:
    """Return a deep copy, the quick way through lists and tuples of simple values."""
    if type(value) in ATOMS:
        return value
    if type(value) is list:
        known = memo.get(id(value))
        if known is not None:
            return known
        new: list[Any] = []
        memo[id(value)] = new
        new.extend([item if type(item) in ATOMS else copied(item, memo) for item in value])
        return new
    return copy.deepcopy(value, memo)
