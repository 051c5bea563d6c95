"""Methods that a config may call, by the type of their owner, and what each costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine_config.builtin_functions import entries_of, in_order
from engine_config.evaluator_values import NUMBERS
from engine_config.gate import Gate
from engine_config.meter import MAPPINGS, extent
from engine_config.node import ConfigDict
from engine_config.operators import pay_update
from engine_config.string_functions import TEXT_METHODS, bytes_method, text_method

__all__ = ["METHODS", "READING", "call_method"]

_DICT = frozenset(
    ["keys", "values", "items", "get", "pop", "popitem", "update", "copy", "setdefault", "clear"]
)
_SAME = "copy issubset issuperset isdisjoint"
_FROZEN = frozenset(f"union intersection difference symmetric_difference {_SAME}".split())
_LIST = "append extend insert pop remove index count copy reverse sort clear"
METHODS: dict[type, frozenset[str]] = {
    str: frozenset(TEXT_METHODS),
    bytes: frozenset(["decode", "hex", "startswith", "endswith"]),
    dict: _DICT,
    ConfigDict: _DICT | {"deepcopy", "merge", "to_dict"},
    list: frozenset(_LIST.split()),
    tuple: frozenset(["index", "count"]),
    set: _FROZEN | {"add", "discard", "remove", "update", "pop", "clear"},
    frozenset: _FROZEN,
    int: frozenset(["bit_length"]),
    float: frozenset(["is_integer"]),
    range: frozenset(["start", "stop", "step"]),
}

# Methods that change nothing, whoever's they are.
READING = (
    frozenset(TEXT_METHODS)
    | frozenset(
        ["decode", "hex", "keys", "values", "items", "get", "to_dict", "bit_length", "is_integer"]
    )
    | _FROZEN
)


def call_method(
    gate: Gate, owner: Any, name: str, *, args: list[Any], kwargs: dict[str, Any]
) -> Any:
    """Call a method of the table on an owner that has it.

    Raises:
        LimitError: its work or its result is too large.
        Refusal: an argument is an object of some module.
    """
    gate.meter.spend()
    args = [gate.value(value) for value in args]
    kind = type(owner)
    if kind is str:
        return text_method(gate.meter, owner, name, args=args, kwargs=kwargs)
    if kind is bytes:
        return bytes_method(gate.meter, owner, name, args=args, kwargs=kwargs)
    if kind in MAPPINGS:
        return _mapping(gate, owner, name, args=args, kwargs=kwargs)
    if kind in (list, tuple):
        return _list(gate, owner, name, args=args, kwargs=kwargs)
    if kind in NUMBERS:
        return getattr(kind, name)(owner, *args, **kwargs)
    return _set(gate, owner, name, args=args, kwargs=kwargs)


def _list(gate: Gate, owner: Any, name: str, *, args: list[Any], kwargs: dict[str, Any]) -> Any:
    meter = gate.meter
    if name == "sort" and not args:
        rest = set(kwargs) - {"key", "reverse"}
        if not rest:
            owner[:] = in_order(gate, owner[:], kwargs)
            return None
    if name == "extend" and len(args) == 1:
        args = [gate.all_of(args[0])]
    elif name in ("index", "count", "remove"):
        meter.walk(owner, *args)
    elif name in ("insert", "copy", "reverse", "clear") or (name == "pop" and args):
        meter.made(8 * len(owner))
    return getattr(type(owner), name)(owner, *args, **kwargs)


def _mapping(gate: Gate, owner: Any, name: str, *, args: list[Any], kwargs: dict[str, Any]) -> Any:
    meter = gate.meter
    if name in ("get", "pop", "setdefault") and args:
        meter.walk(args[0])
        meter.key(args[0], owner)
    if type(owner) is not ConfigDict:
        if name == "update" and len(args) == 1:
            args = [entries_of(gate, args[0], owner)]
        elif name in ("copy", "clear"):
            meter.entries(3 * extent(owner))
        return getattr(dict, name)(owner, *args, **kwargs)
    if name in ("items", "keys", "values"):
        return getattr(dict, name)(owner, *args, **kwargs)
    if name in ("update", "merge") and args and type(args[0]) not in MAPPINGS:
        args = [entries_of(gate, args[0], owner), *args[1:]]
    elif name in ("copy", "deepcopy", "to_dict", "clear"):
        meter.spend(3 * meter.walk(owner))
    # what is stored in it becomes a ConfigDict, all the way down
    meter.walk(*args, *kwargs.values())
    for given in (*args, kwargs) if name in ("update", "merge") else ():
        if type(given) in MAPPINGS:
            pay_update(meter, owner, given)
    return getattr(ConfigDict, name)(owner, *args, **kwargs)


_ONE: frozenset[str] = frozenset(["add", "discard", "remove"])


def _set(gate: Gate, owner: Any, name: str, *, args: list[Any], kwargs: dict[str, Any]) -> Any:
    meter = gate.meter
    if name in _ONE and args:
        meter.walk(args[0])
        meter.key(args[0], owner)
    elif name == "pop":
        meter.spend(extent(owner) - len(owner))
    elif name not in _ONE:
        meter.entries(2 * extent(owner) * max(1, len(args)))
        args = [_hashed(gate, given, owner) for given in args]
    call: Callable[..., Any] = getattr(type(owner), name)
    return call(owner, *args, **kwargs)


def _hashed(gate: Gate, given: Any, owner: Any) -> Any:
    """What a set takes in or compares itself with."""
    if type(given) in (set, frozenset):
        gate.meter.entries(2 * extent(given), owner)
        return given
    values = gate.all_of(given)
    gate.meter.keys(values, owner)
    return values
