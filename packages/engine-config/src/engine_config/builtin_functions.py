"""Built-ins and library functions of a config: what each does to plain values, at what price.

Each takes the gate, which pays for it and calls what was handed over, and its arguments.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from typing import Any

from engine_config.evaluator_values import Builtin, Caller, excerpt
from engine_config.meter import MAPPINGS, Refusal, extent
from engine_config.operators import iterated
from engine_config.secrets import masked
from engine_config.string_functions import decoded, numeral, shown

__all__ = ["BUILTINS", "Run", "entries_of", "exactly", "in_order", "is_builtin", "plain"]

Run = Callable[[Caller, list[Any], dict[str, Any]], Any]


def plain(function: Callable[..., Any]) -> Run:
    """A function that looks at numbers or at the outside of one value."""

    def run(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> Any:
        for value in args:
            if type(value) is int:
                gate.meter.spend(value.bit_length() >> 6)
        return function(*args, **kwargs)

    return run


def _divmod(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> Any:
    left, right = exactly(args, kwargs, name="divmod", count=2)
    gate.meter.bits(max(v.bit_length() if type(v) is int else 0 for v in (left, right)))
    return divmod(left, right)


def _number(kind: Callable[..., Any]) -> Run:
    def run(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> Any:
        base = args[1] if len(args) > 1 else kwargs.get("base", 10)
        if args:
            numeral(gate.meter, args[0], base if type(base) is int else 10)
        return kind(*args, **kwargs)

    return run


def _round(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """``round``, which makes a number of 10**n to round to n places before the point."""
    places = args[1] if len(args) > 1 else kwargs.get("ndigits")
    if isinstance(places, int):
        gate.meter.bits(4 * abs(places))
    return round(*args, **kwargs)


def _text(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> str:
    if len(args) > 1 or set(kwargs) - {"object"}:
        return decoded(gate.meter, *args, **kwargs)
    return shown(gate.meter, *args, *kwargs.values()) if args or kwargs else ""


def _repr(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> str:
    (value,) = exactly(args, kwargs, name="repr", count=1)
    return shown(gate.meter, value, "r")


def exactly(args: list[Any], kwargs: dict[str, Any], *, name: str, count: int) -> list[Any]:
    """The arguments of a function that takes ``count`` by position.

    Raises:
        TypeError: there are others.
    """
    if kwargs or len(args) != count:
        got = len(args) + len(kwargs)
        raise TypeError(f"{name} takes {count} positional arguments: got {got}")
    return args


def _isinstance(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> bool:
    value, kinds = exactly(args, kwargs, name="isinstance", count=2)
    gate.meter.walk(kinds)
    return isinstance(value, _classes(gate, kinds))


def _classes(gate: Caller, kinds: Any) -> Any:
    if type(kinds) is tuple:
        return tuple(_classes(gate, kind) for kind in kinds)
    known = gate.known(kinds)
    if known is None or not isinstance(known.real, type):
        raise Refusal(f"an isinstance of {excerpt(kinds)}")
    return known.real


def _print(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> None:
    ends = {"sep": " ", "end": "\n"}
    for name, value in kwargs.items():
        if name == "flush":
            continue
        if name not in ends or not isinstance(value, str | None):
            raise Refusal(f"print with {name}=")
        ends[name] = ends[name] if value is None else value
    gate.meter.spend(200)
    parts = [shown(gate.meter, masked(value)) for value in args]
    size = sum(map(len, parts)) + len(parts) * len(ends["sep"]) + len(ends["end"])
    gate.meter.made(100 * size)  # what is printed, somebody reads
    gate.output(ends["sep"].join(parts) + ends["end"])


def _collecting(kind: type) -> Run:
    """``list`` or ``tuple``."""

    def run(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> Any:
        return (
            kind(gate.all_of(args[0])) if len(args) == 1 and not kwargs else kind(*args, **kwargs)
        )

    return run


def _hashing(kind: type) -> Run:
    """``set`` or ``frozenset``."""

    def run(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if len(args) != 1 or kwargs:
            return kind(*args, **kwargs)
        values = gate.all_of(args[0])
        gate.meter.keys(values)
        return kind(values)

    return run


def entries_of(gate: Caller, given: Any, owner: Any = ()) -> Any:
    """A mapping or pairs as `dict` takes them; its lazy objects stay as they are.

    What they are put into, ``owner``, is paid for, too.
    """
    if type(given) is dict:
        gate.meter.entries(extent(given), owner)
        return given
    if type(given) in MAPPINGS:
        gate.meter.spend(extent(given))
        gate.meter.keys(dict.keys(given), owner)
        return dict.items(given)
    pairs = [tuple(gate.all_of(pair)) for pair in gate.all_of(given)]
    gate.meter.keys([pair[0] for pair in pairs if pair], owner)
    return pairs


def _dict(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> dict[Any, Any]:
    gate.meter.spend(len(kwargs))
    if len(args) == 1:
        return dict(entries_of(gate, args[0]), **kwargs)
    return dict(*args, **kwargs)


def _truth(function: Callable[..., Any]) -> Run:
    """``any`` or ``all``."""

    def run(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> Any:
        (values,) = exactly(args, kwargs, name=function.__name__, count=1)
        return function(gate.all_of(values))

    return run


def _sorted(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    (values,) = exactly(args, {}, name="sorted", count=1)
    rest = set(kwargs) - {"key", "reverse"}
    if rest:
        raise TypeError(f"sorted takes no argument {rest.pop()!r}")
    return in_order(gate, gate.all_of(values), kwargs)


def in_order(gate: Caller, values: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    """``sorted(values, key=..., reverse=...)``, whose key is called by the gate."""
    keys = gate.keys_by(kwargs.get("key"), values)
    cost = gate.meter.walk(*keys)
    gate.meter.spend(cost * len(keys).bit_length())
    order = sorted(range(len(keys)), key=keys.__getitem__, reverse=bool(kwargs.get("reverse")))
    return [values[i] for i in order]


def _extreme(function: Callable[..., Any]) -> Run:
    """``min`` or ``max``."""

    def run(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> Any:
        values = gate.all_of(args[0]) if len(args) == 1 else args
        if "default" in kwargs and not values and len(args) == 1:
            return kwargs["default"]
        keys = gate.keys_by(kwargs.get("key"), values)
        gate.meter.walk(*keys)
        if not keys or set(kwargs) - {"key", "default"}:
            return function(*args, **{**kwargs, "key": None})
        return values[function(range(len(keys)), key=keys.__getitem__)]

    return run


def _sum(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """``sum`` that takes linear time for lists, which Python's does not."""
    values = gate.all_of(args[0]) if args else []
    start = args[1] if len(args) > 1 else kwargs.get("start", 0)
    if not isinstance(start, list | tuple) or not args:
        gate.meter.walk(*values)
        return sum(*([values, *args[1:]] if args else []), **kwargs)
    total = list(start)
    for value in values:
        if type(value) is not type(start):
            raise TypeError(f"cannot add {type(value).__name__} to {type(start).__name__}")
        gate.meter.made(8 * len(value))
        total.extend(value)
    return type(start)(total)


def _rows(gate: Caller, columns: list[Any], kwargs: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """``zip(*columns)``, each row paid for."""
    rows = zip(  # noqa: B905 - the config says it
        *[iter(iterated(values)) for values in columns], **kwargs
    )
    return gate.meter.each(rows, 1 + len(columns))


def _zip(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    return list(_rows(gate, args, kwargs))


def _enumerate(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    if not args:
        return list(enumerate(*args, **kwargs))
    values = gate.all_of(args[0])
    gate.meter.spend(2 * len(values))
    return list(enumerate(values, *args[1:], **kwargs))


def _map(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    if kwargs or len(args) < 2:
        raise TypeError("map takes a function and at least one iterable")
    return [gate.call(args[0], row, {}) for row in _rows(gate, args[1:], {})]


def _filter(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    function, given = exactly(args, kwargs, name="filter", count=2)
    values = gate.all_of(given)
    if function is None:
        return [value for value in values if value]
    return [value for value in values if gate.call(function, (value,), {})]


def _reversed(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    (values,) = exactly(args, kwargs, name="reversed", count=1)
    if type(values) in (set, frozenset, type(iter([]))):
        raise TypeError(f"{type(values).__name__!r} object is not reversible")
    return gate.all_of(values)[::-1]


BUILTINS: dict[str, Builtin] = {
    name: Builtin(getattr(builtins, name), run)
    for name, run in {
        **{name: plain(getattr(builtins, name)) for name in ("len", "bool", "abs", "range")},
        **{name: plain(getattr(builtins, name)) for name in ("chr", "ord")},
        **{name: _number(getattr(builtins, name)) for name in ("int", "float")},
        **{name: _truth(getattr(builtins, name)) for name in ("any", "all")},
        **{name: _extreme(getattr(builtins, name)) for name in ("min", "max")},
        **{name: _collecting(getattr(builtins, name)) for name in ("list", "tuple")},
        **{name: _hashing(getattr(builtins, name)) for name in ("set", "frozenset")},
        "dict": _dict,
        "divmod": _divmod,
        "enumerate": _enumerate,
        "filter": _filter,
        "isinstance": _isinstance,
        "map": _map,
        "print": _print,
        "repr": _repr,
        "reversed": _reversed,
        "round": _round,
        "sorted": _sorted,
        "str": _text,
        "sum": _sum,
        "zip": _zip,
    }.items()
}


def is_builtin(name: str) -> bool:
    """Whether Python has a built-in ``name`` that the evaluator has not."""
    return hasattr(builtins, name) and name not in BUILTINS
