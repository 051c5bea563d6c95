"""What exists while a config is evaluated: plain values, marks of imports, and names of functions.

Nothing in here can be called by Python: a built-in is a `Builtin`, a function that a config
defines a `Function`, an imported object a `LazyObject`. Only the gate knows what they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from types import EllipsisType
from typing import Any, Protocol

from engine_config.lazy import LazyAttr, LazyObject
from engine_config.meter import MAPPINGS, VIEWS, Meter, Refusal

__all__ = [
    "ITERABLES",
    "NUMBERS",
    "PLAIN",
    "Builtin",
    "Caller",
    "admitted",
    "computed",
    "excerpt",
    "kind_of",
]

NUMBERS = frozenset({bool, complex, float, int})
ITERABLES = frozenset(
    {bytes, frozenset, list, range, set, str, tuple, type(iter([])), *VIEWS, *MAPPINGS}
)


class Caller(Protocol):
    """What a built-in function sees of the gate, which calls what it was handed."""

    meter: Meter
    output: Callable[[str], None]

    def call(self, function: Any, args: Iterable[Any], kwargs: dict[str, Any]) -> Any:
        """Call a function with plain values."""

    def known(self, function: Any) -> Builtin | None:
        """The built-in that a value is or stands for."""

    def all_of(self, values: Any) -> list[Any]:
        """Return what ``values`` gives, as a list that is paid for."""

    def keys_by(self, function: Any, values: list[Any]) -> list[Any]:
        """What ``function`` gives for each of ``values``; they themselves without one."""


class Builtin:
    """The name of a built-in or library function in a config.

    Args:
        real: what it stands for; a value of the config becomes it in the end.
        run: does in the evaluator what a call of it does.
    """

    __slots__ = ("real", "run")

    def __init__(
        self, real: Any, run: Callable[[Caller, list[Any], dict[str, Any]], Any] | None
    ) -> None:
        self.real = real
        self.run = run

    def __repr__(self) -> str:
        return repr(self.real)

    def __deepcopy__(self, memo: dict[int, Any]) -> Builtin:
        return self


PLAIN = (
    NUMBERS
    | ITERABLES
    | {Builtin, EllipsisType, LazyAttr, LazyObject, date, datetime, slice, type(None)}
)


def kind_of(value: Any) -> str:
    """What a value is, in a word."""
    return "dict" if type(value) in MAPPINGS else type(value).__name__


def excerpt(value: Any) -> str:
    """A short text for ``value``, made without looking at all of it."""
    kind = type(value)
    if kind in (str, bytes):
        return repr(value[:60])
    if kind is int:
        return repr(value) if value.bit_length() < 200 else "a large int"
    if kind in (bool, float, complex, type(None), LazyObject, LazyAttr):
        return str(value)[:60] if isinstance(value, LazyObject) else repr(value)
    return repr(value)[:60] if kind is Builtin else f"a {kind_of(value)}"


def admitted(value: Any) -> Any:
    """Return ``value`` if it belongs to the evaluator's world.

    Raises:
        Refusal: it is an object of some module.
    """
    if type(value) in PLAIN or getattr(type(value), "is_evaluated", False):
        return value
    raise Refusal(f"a use of {kind_of(value)}")


def computed(value: Any) -> Any:
    """Return ``value`` if the evaluator can compute with it: what is lazy has no value yet.

    Raises:
        Refusal: it is lazy, or an object of some module.
    """
    if type(value) is LazyObject or type(value) is LazyAttr:
        raise Refusal(f"the value of {str(value)[:60]}")
    return admitted(value)
