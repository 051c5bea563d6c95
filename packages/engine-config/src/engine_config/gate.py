"""The one gate through which a config calls anything.

A function is a `Builtin` of the table, or one that the config itself defines; whoever hands it
over (a call, ``key=``, ``map``, ``filter``, ``sort``), it is called here. What is neither cannot
be reached: nothing else in the evaluator calls a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from engine_config.builtin_functions import BUILTINS
from engine_config.evaluator_values import Builtin, admitted, computed, excerpt
from engine_config.lazy import LazyObject
from engine_config.library_functions import LIBRARY
from engine_config.meter import Meter, Refusal
from engine_config.operators import iterated

__all__ = ["Gate"]

# A config that another one inherits from may hold what a built-in stands for: `kind = int`.
_BY_REAL = {id(found.real): found for found in (*BUILTINS.values(), *LIBRARY.values())}


class Gate:
    """Calls functions for the evaluator.

    Args:
        meter: counts the work.
        output: takes what is printed.
    """

    __slots__ = ("meter", "output")

    def __init__(self, meter: Meter, output: Callable[[str], None]) -> None:
        self.meter = meter
        self.output = output

    def call(self, function: Any, args: Iterable[Any], kwargs: dict[str, Any]) -> Any:
        """Call a function with plain values.

        Raises:
            Refusal: it may not be called, or is given an object of some module.
        """
        self.meter.spend()
        if getattr(type(function), "is_evaluated", False):
            return function.evaluate(tuple(args), kwargs)
        known = self.known(function)
        if known is None or known.run is None:
            raise Refusal(f"a call of {excerpt(function)}")
        return known.run(
            self,
            [computed(self.value(value)) for value in args],
            {name: self.value(value) for name, value in kwargs.items()},
        )

    def known(self, function: Any) -> Builtin | None:
        """The built-in that a value is or stands for."""
        if type(function) is Builtin:
            return function
        if isinstance(function, LazyObject):
            return LIBRARY.get(function.dotted)
        return _BY_REAL.get(id(function))

    def value(self, value: Any) -> Any:
        """Return ``value`` as a built-in works on it.

        Raises:
            Refusal: it is an object of some module.
        """
        return _BY_REAL.get(id(value)) or admitted(value)

    def all_of(self, values: Any) -> list[Any]:
        """Return what ``values`` gives, as a list that is paid for."""
        return self.meter.all_of(iterated(values))

    def keys_by(self, function: Any, values: list[Any]) -> list[Any]:
        """What ``function`` gives for each of ``values``; they themselves without one."""
        if function is None:
            return values
        return [self.call(function, (value,), {}) for value in values]
