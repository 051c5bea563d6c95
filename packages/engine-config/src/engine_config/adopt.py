"""From what reading a file gave, plain containers and marks, to ConfigDicts with origins."""

from __future__ import annotations

import copy
from typing import Any

from engine_config.allowed import Budget
from engine_config.lazy import LazyAttr, LazyObject
from engine_config.node import ConfigDict, with_origins
from engine_config.provenance import Unread, mark_of, origins_of
from engine_config.source import Marks

__all__ = ["adopt"]

_LAZY = frozenset({LazyObject, LazyAttr})
_ATOMS = frozenset({bool, bytes, complex, float, int, str, type(None)})


def adopt(values: dict[Any, Any], marks: Marks, path: str) -> ConfigDict:
    """Return ``values`` as a ConfigDict in which no container stands twice.

    Args:
        values: plain dicts, lists, tuples and leaves; ConfigDicts of other files among them.
        marks: where their entries stand.
        path: the file.

    Raises:
        LimitError: there are more values than a config may have.
    """
    return _Adoption(marks, path).dict_(values)


class _Adoption:
    def __init__(self, marks: Marks, path: str) -> None:
        self._marks = marks
        self._path = path
        self._seen: dict[int, ConfigDict] = {}
        self._budget = Budget()

    def value(self, value: Any) -> Any:
        kind = type(value)
        if kind in _ATOMS:
            return value
        if kind is dict:
            return self.dict_(value)
        if kind is list or kind is tuple:
            self._budget.spend(len(value))
            return kind([item if type(item) in _ATOMS else self.value(item) for item in value])
        if isinstance(value, ConfigDict):
            return self.node(value)
        return value

    def dict_(self, value: dict[Any, Any]) -> ConfigDict:
        node = ConfigDict()
        lazy = False
        self._budget.spend(len(value))
        for key, item in value.items():
            kind = type(item)
            if kind not in _ATOMS:
                lazy = lazy or kind in _LAZY
                item = self.value(item)
            dict.__setitem__(node, key, item)
        if lazy:
            object.__setattr__(node, "lazy", True)
        return with_origins(node, Unread(self._path, value, self._marks))

    def node(self, node: ConfigDict) -> ConfigDict:
        """A ConfigDict of another file: itself the first time, then copies."""
        if id(node) in self._seen:
            return copy.deepcopy(node)
        self._seen[id(node)] = node
        for key, item in dict.items(node):
            if type(item) not in _ATOMS:
                dict.__setitem__(node, key, self.value(item))
        places = self._marks.of(node)
        if places:
            origins = dict(origins_of(node) or {})
            for key, place in places.items():
                before = origins.get(key)
                if before is not None and not before.line:  # what the assignment itself noted
                    before = before.before
                value = dict.get(node, key)
                origins[key] = mark_of(self._path, place, value, marks=self._marks, before=before)
            with_origins(node, origins)
        return node
