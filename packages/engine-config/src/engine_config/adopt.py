"""From what reading a file gave, plain containers and marks, to ConfigDicts with origins."""

from __future__ import annotations

import copy
from typing import Any

from engine_config.lazy import Trust
from engine_config.meter import EMPTY, VIEWS, Meter, extent
from engine_config.node import ConfigDict, hold_secret, node_of, trusted_as, with_origins
from engine_config.plain_values import LAZY
from engine_config.provenance import Unread, mark_of, origins_of
from engine_config.source import Marks
from engine_config.world import Builtin

__all__ = ["adopt"]

# What only gives its entries: a value of a config is a list of them.
_PASSING = frozenset({*VIEWS, type(iter([]))})
_DICT = 3  # steps that one costs besides its entries
_ATOMS = frozenset({bool, bytes, complex, float, int, str, type(None)})


def adopt(
    values: dict[Any, Any],
    marks: Marks,
    path: str,
    *,
    meter: Meter,
    trust: Trust,
    changed: ConfigDict | None = None,
    copies: bool = False,
) -> ConfigDict:
    """Return ``values`` as a ConfigDict in which no container stands twice.

    Args:
        values: plain dicts, lists, tuples and leaves; ConfigDicts of other files among them.
        marks: where their entries stand.
        path: the file.
        meter: counts the work.
        trust: whether what they name may be imported.
        changed: values of other files, into which this one has put something; they are adopted
            in place.
        copies: values of other files that stand among these are copied: they belong to a base.

    Raises:
        LimitError: there are more values than a config may have.
    """
    adoption = _Adoption(marks, path, meter, trust=trust, copies=copies)
    if changed is not None:
        adoption.node(changed)
    return adoption.any_dict(values)


class _Adoption:
    def __init__(
        self, marks: Marks, path: str, meter: Meter, *, trust: Trust, copies: bool
    ) -> None:
        self._marks = marks
        self._path = path
        self._meter = meter
        self._trust = trust
        self._seen: dict[int, ConfigDict] = {}
        self._copies = copies

    def any_dict(self, value: dict[Any, Any]) -> ConfigDict:
        return self.node(value) if isinstance(value, ConfigDict) else self.dict_(value)

    def value(self, value: Any) -> Any:
        kind = type(value)
        if kind in _ATOMS:
            return value
        if kind is dict:
            return self.dict_(value)
        if kind in _PASSING:
            value, kind = self._meter.all_of(value), list
        if kind is list or kind is tuple:
            self._meter.spend(1 + len(value))
            return kind([item if type(item) in _ATOMS else self.value(item) for item in value])
        if isinstance(value, ConfigDict):
            return self.node(value)
        if kind in LAZY:
            return value
        inner = getattr(value, "_cfg_dict", None)  # of a Config that the file has read
        if isinstance(inner, ConfigDict):
            return self.node(inner)
        return value.real if kind is Builtin else value

    def dict_(self, value: dict[Any, Any]) -> ConfigDict:
        found: dict[Any, Any] = {}
        lazy = False
        # as `extent`, whose call would be a twentieth of reading a config
        self._meter.spend(_DICT + len(value) + (value.__sizeof__() >> EMPTY))
        for key, item in value.items():
            kind = type(item)
            if kind not in _ATOMS:
                lazy = lazy or kind in LAZY
                item = self.value(item)
                hold_secret(key, item)
            if type(key) is not str:
                self._meter.key(key, found)
            found[key] = item
        origins = Unread(self._path, value, self._marks)
        return node_of(found, origins=origins, trust=self._trust, lazy=lazy)

    def node(self, node: ConfigDict) -> ConfigDict:
        """A ConfigDict of another file: itself the first time, copies after that and of a base."""
        if id(node) in self._seen or self._copies:
            self._meter.walk(node)
            return copy.deepcopy(node)
        self._seen[id(node)] = node
        self._meter.spend(1 + extent(node))
        if node._trust is None:
            trusted_as(node, self._trust)
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
