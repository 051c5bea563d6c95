"""What an evaluated config may call, and how much of it: nothing here can reach outside.

Every result is bounded before it is made, so that no short text takes long or fills memory.
"""

from __future__ import annotations

import ast
import builtins
import copy
import math
import os.path
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from engine_config.node import ConfigDict

__all__ = [
    "BUILTINS",
    "CONTAINERS",
    "DEEP_CALLS",
    "LIBRARY",
    "METHODS",
    "Budget",
    "LimitError",
    "check_format",
    "check_method",
    "check_operation",
    "check_spec",
    "is_builtin",
]

MAX_STEPS = 1_000_000
MAX_LENGTH = 10_000_000
MAX_MADE = 50_000_000
MAX_BITS = 14_000  # about the 4,300 digits that Python shows of a number
MAX_WIDTH = 10_000


class LimitError(Exception):
    """A config asks for more work or memory than the evaluator gives."""


class Budget:
    """Counts the steps of one evaluation."""

    __slots__ = ("left", "made")

    def __init__(self) -> None:
        self.left = MAX_STEPS
        self.made = 0

    def spend(self, steps: int = 1) -> None:
        """Count ``steps``.

        Raises:
            LimitError: there were too many.
        """
        self.left -= steps
        if self.left < 0:
            raise LimitError(f"this takes more than {MAX_STEPS:,} steps")

    def each(self, values: Iterable[Any]) -> Iterator[Any]:
        """Yield ``values``, counting every one."""
        for value in values:
            self.spend()
            yield value

    def walk(self, *values: Any) -> None:
        """Count what an operation that goes through all of ``values`` would visit.

        A few lists that hold one another many times are billions of values to it.

        Raises:
            LimitError: there is too much, or it never ends.
        """
        left = [value for value in values if type(value) in CONTAINERS]
        while left:
            value = left.pop()
            if isinstance(value, dict):
                value = (*dict.keys(value), *dict.values(value))
            self.spend(len(value))
            left.extend(item for item in value if type(item) in CONTAINERS)

    def length(self, length: int) -> None:
        """Allow to make a text or a container of this length.

        Raises:
            LimitError: it is too long, or all that was made is.
        """
        self.made += length
        if length > MAX_LENGTH:
            raise LimitError(f"this would be {length:,} long; at most {MAX_LENGTH:,} is made")
        if self.made > MAX_MADE:
            raise LimitError(f"texts and lists of at most {MAX_MADE:,} in all are made")

    def bits(self, bits: int) -> None:
        """Allow a number of so many bits.

        Raises:
            LimitError: it is too large.
        """
        if bits > MAX_BITS:
            raise LimitError(f"this number would have {bits:,} bits; at most {MAX_BITS:,} is made")


CONTAINERS = frozenset({ConfigDict, dict, frozenset, list, set, tuple})
Function = Callable[..., Any]
# Calls that look at everything inside their arguments.
DEEP_CALLS = frozenset({"str", "repr", "print", "sorted", "min", "max", "set", "frozenset", "dict"})
_TAKING = frozenset(
    [
        "extend",
        "update",
        "union",
        "intersection",
        "difference",
        "symmetric_difference",
        "isdisjoint",
        "issuperset",
    ]
)
_DEEP_METHODS = frozenset(
    ["sort", "index", "count", "remove", "format", "join", "add", "discard", "issubset"]
)


def _taking_values(function: Function) -> Callable[[Budget], Function]:
    """``function`` with every argument that is iterated over counted."""

    def bind(budget: Budget) -> Function:
        def call(*args: Any, **kwargs: Any) -> Any:
            counted = [list(budget.each(arg)) if _is_many(arg) else arg for arg in args]
            return function(*counted, **kwargs)

        return call

    return bind


def _is_many(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | dict | type)


def _eager(function: Function) -> Callable[[Budget], Function]:
    """``function``, which returns an iterator, as one that returns a counted list."""

    def bind(budget: Budget) -> Function:
        def call(*args: Any, **kwargs: Any) -> Any:
            return list(budget.each(function(*args, **kwargs)))

        return call

    return bind


def _showing(function: Function) -> Callable[[Budget], Function]:
    """``function``, which makes a text of its argument."""

    def bind(budget: Budget) -> Function:
        def show(*args: Any, **kwargs: Any) -> Any:
            if args and type(args[0]) in CONTAINERS:
                budget.length(_size(args[0]))
            return function(*args, **kwargs)

        return show

    return bind


def _size(value: Any, depth: int = 0) -> int:
    """About how long ``value`` is when it is shown."""
    if isinstance(value, dict):
        inner = (*dict.keys(value), *dict.values(value))
    elif isinstance(value, list | tuple | set | frozenset):
        inner = tuple(value)
    else:
        return len(value) if isinstance(value, str | bytes) else 16
    return 1 if depth > 100 else sum(_size(item, depth + 1) + 2 for item in inner)


def _summing(budget: Budget) -> Function:
    """``sum`` that takes linear time for lists, which Python's does not."""

    def add_up(values: Any, /, start: Any = 0) -> Any:
        counted = list(budget.each(values))
        if not isinstance(start, list | tuple):
            return sum(counted, start)
        total = list(start)
        for value in counted:
            if type(value) is not type(start):
                raise TypeError(f"cannot add {type(value).__name__} to {type(start).__name__}")
            budget.length(len(total) + len(value))
            total.extend(value)
        return type(start)(total)

    return add_up


def _rounding(budget: Budget) -> Function:
    """``round``, which makes a number of 10**n to round to n places before the point."""

    def to_places(number: Any, ndigits: int | None = None) -> Any:
        budget.bits(4 * abs(ndigits or 0))
        return round(number, ndigits)

    return to_places


def _plainly(function: Function) -> Callable[[Budget], Function]:
    return lambda budget: function


# Types stand for themselves, so that `isinstance` can take them; a call goes through the table.
BUILTINS: dict[str, tuple[Any, Callable[[Budget], Function]]] = {
    name: (getattr(builtins, name), wrap(getattr(builtins, name)))
    for names, wrap in (
        ("len int float bool abs isinstance range", _plainly),
        ("divmod chr ord", _plainly),
        ("list tuple set frozenset dict sorted any all min max", _taking_values),
        ("zip enumerate map filter reversed", _eager),
    )
    for name in names.split()
}
BUILTINS["round"] = (round, _rounding)
BUILTINS["str"] = (str, _showing(str))
BUILTINS["sum"] = (sum, _summing)
BUILTINS["repr"] = (repr, _showing(repr))
BUILTINS["print"] = (print, _plainly(print))

# Functions of the standard library that only compute, by the name that imports them.
LIBRARY: dict[str, Any] = {
    **{f"os.path.{n}": getattr(os.path, n) for n in ("join", "basename", "dirname", "splitext")},
    **{f"os.path.{n}": getattr(os.path, n) for n in ("normpath", "isabs", "sep")},
    **{f"math.{n}": getattr(math, n) for n in ("ceil", "floor", "sqrt", "log", "log2", "log10")},
    **{
        f"math.{n}": getattr(math, n) for n in ("exp", "sin", "cos", "tan", "pi", "e", "inf", "nan")
    },
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
}

_TEXT = (
    "capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit isidentifier "
    "islower isnumeric isspace istitle isupper join lower lstrip partition removeprefix "
    "removesuffix rfind rindex rpartition rsplit rstrip split splitlines startswith strip "
    "swapcase title upper replace format zfill ljust rjust center"
)
_LIST = "append extend insert pop remove index count copy reverse sort clear"
_DICT = "keys values items get pop popitem update copy setdefault clear"
_SET = (
    "add discard remove union intersection difference symmetric_difference update copy pop clear "
    "issubset issuperset isdisjoint"
)
METHODS: dict[type, frozenset[str]] = {
    str: frozenset(_TEXT.split()),
    bytes: frozenset(["decode", "hex", "startswith", "endswith"]),
    dict: frozenset(_DICT.split()),
    ConfigDict: frozenset((_DICT + " merge to_dict").split()),
    list: frozenset(
        [
            "append",
            "extend",
            "insert",
            "pop",
            "remove",
            "index",
            "count",
            "copy",
            "reverse",
            "sort",
            "clear",
        ]
    ),
    tuple: frozenset(["index", "count"]),
    set: frozenset(_SET.split()),
    frozenset: frozenset(_SET.split()) - {"add", "discard", "remove", "update", "pop", "clear"},
    int: frozenset(["bit_length"]),
    float: frozenset(["is_integer"]),
    range: frozenset(["start", "stop", "step"]),
}


def is_builtin(name: str) -> bool:
    """Whether Python has a built-in ``name`` that the evaluator has not."""
    return hasattr(builtins, name) and name not in BUILTINS


def check_method(budget: Budget, owner: Any, name: str, *, args: list[Any]) -> None:
    """Allow the call of a method that could make something large.

    Raises:
        LimitError: it would.
    """
    if name in _DEEP_METHODS:
        budget.walk(owner, *args)
    if isinstance(owner, str) or name == "copy":
        budget.length(len(owner))
    if isinstance(owner, str):
        if name in ("zfill", "ljust", "rjust", "center") and args and isinstance(args[0], int):
            budget.length(args[0])
        elif name == "replace" and len(args) >= 2 and all(isinstance(a, str) for a in args[:2]):
            budget.length(len(owner) + owner.count(args[0]) * len(args[1]))
        elif name == "format":
            check_format(owner)
        elif name == "join" and args:
            args[0] = list(budget.each(args[0]))
            budget.length(sum(_size(item) + len(owner) for item in args[0]))
    elif name in _TAKING:
        args[:] = [list(budget.each(arg)) if isinstance(arg, range) else arg for arg in args]
        budget.walk(*args)


def check_operation(budget: Budget, op: ast.operator, *, left: Any, right: Any) -> None:
    """Allow a binary operator that could make something large.

    Raises:
        LimitError: it would.
    """
    kind = type(op)
    if kind is ast.Mult:
        for many, count in ((left, right), (right, left)):
            if isinstance(count, int) and isinstance(many, str | bytes | list | tuple):
                budget.length(len(many) * count)
        if isinstance(left, int) and isinstance(right, int):
            budget.bits(left.bit_length() + right.bit_length())
    elif kind is ast.Pow and isinstance(left, int) and isinstance(right, int):
        budget.bits(left.bit_length() * max(right, 0))
    elif kind is ast.LShift and isinstance(left, int) and isinstance(right, int):
        budget.bits(left.bit_length() + right)
    elif kind is ast.Mod and isinstance(left, str | bytes):
        _check_percent(left if isinstance(left, str) else left.decode("latin-1"))
        budget.walk(right)
    elif kind is ast.Add and isinstance(left, str | list | tuple):
        budget.length(len(left) + (len(right) if hasattr(right, "__len__") else 0))


_FIELD = re.compile(r"\{([^{}:!]*)(?:![rsa])?(?::([^{}]*))?")


def check_format(text: str) -> None:
    """Allow a text for ``str.format``, whose fields could reach into objects or be very wide.

    Raises:
        LimitError: a field is no plain name or index, or is wider than `MAX_WIDTH`.
    """
    fields = _FIELD.findall(text)
    for field, _ in fields:
        if "." in field or "[" in field:
            raise LimitError(f"a field of format is a plain name or index: got {field!r}")
    check_spec(" ".join(spec for _, spec in fields))
    if re.search(r":[^{}]*\{", text):
        raise LimitError("a width that is itself a field is not evaluated")


_PERCENT = re.compile(r"%(?:\([^)]*\))?[-+ #0]*([\d*]*(?:\.[\d*]*)?)")


def _check_percent(text: str) -> None:
    """Allow a text for ``%``, of which only the widths in its fields count.

    Raises:
        LimitError: they are more than `MAX_WIDTH`, or are said by an argument.
    """
    widths = " ".join(_PERCENT.findall(text))
    if "*" in widths:
        raise LimitError("a width from the arguments of % is not evaluated")
    check_spec(widths)


def check_spec(spec: str) -> None:
    """Allow format specifications.

    Raises:
        LimitError: together they ask for more than `MAX_WIDTH` characters.
    """
    if sum(int(number) for number in re.findall(r"\d{1,30}", spec)) > MAX_WIDTH:
        raise LimitError(f"fields are at most {MAX_WIDTH} wide in all: got {spec!r:.60}")
