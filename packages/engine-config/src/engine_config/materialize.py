"""Materialize: plain containers and marks of a file that was read, as ConfigDicts with origins."""

from __future__ import annotations

import copy
from typing import Any

from engine_config.errors import ConfigLimitError
from engine_config.evaluator_values import Builtin
from engine_config.marked_dict import (
    hold_secret,
    set_frozen,
    set_lazy,
    set_origins,
    set_secret,
    set_trust,
    trusted_as,
    with_origins,
)
from engine_config.meter import EMPTY, VIEWS, LimitError, Meter, extent
from engine_config.node import ConfigDict
from engine_config.plain_values import LAZY
from engine_config.provenance import Unread, mark_of, origins_of
from engine_config.source import Marks, Source
from engine_config.trust import Trust

__all__ = ["materialize", "materialize_file"]

# What only gives its entries: a value of a config is a list of them.
_PASSING = frozenset({*VIEWS, type(iter([]))})
_DICT = 3  # steps that one costs besides its entries
_ATOMS = frozenset({bool, bytes, complex, float, int, str, type(None)})


def materialize(
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
        changed: values of other files, into which this one has put something; they become
            ConfigDicts in place.
        copies: values of other files that stand among these are copied: they belong to a base.

    Raises:
        LimitError: there are more values than a config may have.
    """
    materialization = _Materialization(marks, path, meter, trust=trust, copies=copies)
    if changed is not None:
        materialization.node(changed)
    return materialization.any_dict(values)


def materialize_file(
    values: dict[Any, Any], marks: Marks, source: Source, **how: Any
) -> ConfigDict:
    """Return the values of a whole file as ConfigDicts.

    Args:
        values: as for `materialize`.
        marks: likewise.
        source: the file.
        how: the other arguments of `materialize`.

    Raises:
        ConfigLimitError: there are more values than a config may have.
    """
    try:
        return materialize(values, marks, source.path, **how)
    except LimitError as error:
        message = f"the values are too many: {error}"
        raise source.error(message, kind=ConfigLimitError) from error


class _Materialization:
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
        return _node_of(found, origins=origins, trust=self._trust, lazy=lazy)

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


def _node_of(values: dict[Any, Any], *, origins: Unread, trust: Trust, lazy: bool) -> ConfigDict:
    """Return ``values``, whose containers are as ConfigDict wants them, as one.

    Args:
        values: the entries; dicts among them are ConfigDicts.
        origins: where they stand.
        trust: whether what they name may be imported.
        lazy: a lazy object is among them.
    """
    node = ConfigDict.__new__(ConfigDict)
    dict.update(node, values)
    set_origins(node, origins)
    set_trust(node, trust)
    set_secret(node, "")
    set_lazy(node, lazy)
    set_frozen(node, False)
    return node
