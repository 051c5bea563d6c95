"""Library functions of a config: os.path, math and copy, each at what price."""

from __future__ import annotations

import copy
import math
import os.path
from collections.abc import Callable, Mapping
from typing import Any

from engine_config.builtin_functions import Run, exactly, plain
from engine_config.evaluator_values import Builtin, Caller
from engine_config.meter import MAPPINGS, Refusal, extent
from engine_config.plain_values import copied

__all__ = ["LIBRARY", "LIBRARY_VALUES"]


def _path(function: Callable[..., Any]) -> Run:
    """A function of `os.path` that only cuts and joins texts."""

    def run(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if kwargs or not all(type(value) is str for value in args):
            raise Refusal("an argument of os.path that is no text")
        # normpath goes through the parts; join makes each text that it returns on the way
        gate.meter.made((2 + len(args)) * 4 * sum(map(len, args)))
        return function(*args)

    return run


def _copy(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> Any:
    (value,) = exactly(args, kwargs, name="copy", count=1)
    if type(value) in (list, set, *MAPPINGS):
        gate.meter.entries(2 * extent(value))
        return value.copy()
    return value


def _deepcopy(gate: Caller, args: list[Any], kwargs: dict[str, Any]) -> Any:
    (value,) = exactly(args, kwargs, name="deepcopy", count=1)
    gate.meter.spend(2 * gate.meter.walk(value))
    return copied(value, {})


# Functions of the standard library that only compute, by the name that imports them.
LIBRARY: dict[str, Builtin] = {
    **{
        f"os.path.{name}": Builtin(getattr(os.path, name), _path(getattr(os.path, name)))
        for name in ("join", "basename", "dirname", "splitext", "normpath", "isabs")
    },
    **{
        f"math.{name}": Builtin(getattr(math, name), plain(getattr(math, name)))
        for name in ("ceil", "floor", "sqrt", "log", "log2", "log10", "exp", "sin", "cos", "tan")
    },
    "copy.copy": Builtin(copy.copy, _copy),
    "copy.deepcopy": Builtin(copy.deepcopy, _deepcopy),
}

LIBRARY_VALUES: Mapping[str, Any] = {
    "os.path.sep": os.path.sep,
    **{f"math.{name}": getattr(math, name) for name in ("pi", "e", "inf", "nan")},
}
