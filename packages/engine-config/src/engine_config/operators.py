"""What operators do to plain values, by the class of their syntax node, and what they cost."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable
from typing import Any

from engine_config.evaluator_values import ITERABLES, NUMBERS, computed
from engine_config.meter import MAPPINGS, VIEWS, Meter, extent, size_bytes
from engine_config.string_functions import percent

__all__ = ["binary", "compare", "in_place", "iterated", "pay_update", "unary"]

Operator = Callable[[Any, Any], Any]

_BINARY: dict[type, Operator] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.MatMult: operator.matmul,
}
_UNARY: dict[type, Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_COMPARE: dict[type, Operator] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_WORD = 64  # bits: numbers below need no looking at
_TEXTS = (str, bytes)
_SETS = frozenset({frozenset, set, *VIEWS})


def unary(meter: Meter, op: ast.unaryop, value: Any) -> Any:
    """Apply a unary operator."""
    if type(value) is int:
        meter.made(value.bit_length() >> 3)
    return _UNARY[type(op)](computed(value))


def binary(meter: Meter, op: ast.operator, left: Any, *, right: Any) -> Any:
    """Apply a binary operator.

    Raises:
        LimitError: its work or its result is too large.
        Refusal: it is not an operator of plain values.
    """
    kind, left_kind, right_kind = type(op), type(left), type(right)
    if left_kind in NUMBERS and right_kind in NUMBERS:
        if isinstance(left, int) and isinstance(right, int):
            _pay_integers(meter, kind, left=left, right=right)
    elif kind is ast.Mod and left_kind in _TEXTS:
        return percent(meter, left, computed(right))
    elif kind is ast.Mult:
        for many, count in ((left, right), (right, left)):
            if isinstance(count, int) and isinstance(many, str | bytes | list | tuple):
                meter.made(max(count, 0) * _own_bytes(many))
    elif kind is ast.Add:
        meter.made(_own_bytes(left) + _own_bytes(right))
    else:
        _pay_containers(meter, left, right)
    return _BINARY[kind](computed(left), computed(right))


def _pay_containers(meter: Meter, *sides: Any) -> None:
    """Pay for an operator of dicts or sets."""
    if any(type(side) in MAPPINGS for side in sides):
        meter.walk(*sides)
    for side in sides:
        if type(side) in VIEWS:
            meter.spend(extent(side))
            meter.keys(side)
        elif type(side) in _SETS:
            meter.entries(extent(side))
        elif type(side) in ITERABLES:  # which a view goes through
            meter.walk(side)


def pay_update(meter: Meter, owner: Any, given: Any) -> None:
    """Pay for putting the entries of one mapping into another, recursively."""
    meter.keys(dict.keys(given), owner)
    for key, value in dict.items(given):
        inner = dict.get(owner, key)
        if type(value) in MAPPINGS and type(inner) in MAPPINGS:
            pay_update(meter, inner, value)


def _own_bytes(value: Any) -> int:
    """How much memory a text or a list takes without what its entries refer to."""
    if isinstance(value, str | bytes):
        return size_bytes(value)
    return 8 * len(value) if isinstance(value, list | tuple) else 0


def _pay_integers(meter: Meter, kind: type, *, left: int, right: int) -> None:
    """Pay for an operator of two integers."""
    mine, other = left.bit_length(), right.bit_length()
    if kind is ast.Pow:
        meter.bits(mine * max(right, 0))
    elif kind is ast.LShift:
        meter.bits(mine + max(right, 0))
    elif mine > _WORD or other > _WORD:
        meter.bits(mine + other if kind is ast.Mult else max(mine, other))


def in_place(meter: Meter, op: ast.operator, owner: Any, *, right: Any) -> Any:
    """Return ``owner`` after ``owner += right``; lists, dicts and sets change themselves."""
    kind, mine = type(op), type(owner)
    if kind is ast.Add and mine is list:
        owner.extend(meter.all_of(iterated(right)))
    elif kind is ast.BitOr and mine in MAPPINGS and type(right) in MAPPINGS:
        meter.walk(right)
        pay_update(meter, owner, right)
        owner.update(right) if mine is not dict else dict.update(owner, dict.items(right))
    elif mine is set and type(right) in _SETS and kind in _BINARY:
        new = binary(meter, op, owner, right=right)
        owner.clear()
        owner.update(new)
    elif kind is ast.Mult and mine is list:
        owner[:] = binary(meter, op, owner, right=right)
    else:
        return binary(meter, op, owner, right=right)
    return owner


def compare(meter: Meter, op: ast.cmpop, left: Any, *, right: Any) -> Any:
    """Apply a comparison."""
    kind = type(op)
    if kind is ast.Is or kind is ast.IsNot:
        return (left is right) == (kind is ast.Is)
    computed(left), computed(right)
    if kind is ast.In or kind is ast.NotIn:
        return _holds(meter, left, right) == (kind is ast.In)
    if not (type(left) in NUMBERS and type(right) in NUMBERS):
        cost = meter.walk(left, right)
        if meter.worst > 1:
            meter.spend(cost * meter.worst)
    return _COMPARE[kind](left, right)


def _holds(meter: Meter, value: Any, many: Any) -> bool:
    """``value in many``."""
    kind = type(many)
    if kind is str or kind is bytes:
        length = len(value) if isinstance(value, str | bytes) else 1
        meter.spend(1 + (size_bytes(many) >> 5) + (len(many) * min(length, 100) >> 10))
    elif kind is range:
        if not isinstance(value, int):  # Python would look at every number
            return any(value == number for number in meter.each(many))
    elif kind in MAPPINGS or kind in (set, frozenset):
        meter.walk(value)
        meter.key(value, many)
    else:
        meter.walk(value, many)
    return bool(value in many)


def iterated(value: Any) -> Iterable[Any]:
    """Return ``value`` if Python can go through it.

    Raises:
        TypeError: it cannot.
    """
    if type(computed(value)) not in ITERABLES:
        raise TypeError(f"{type(value).__name__!r} object is not iterable")
    found: Iterable[Any] = value
    return found
