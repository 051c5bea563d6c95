"""Values of either side as JSON that is the same where they mean the same."""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

_DIGITS = 6  # significant, of a number with a fraction
_MAX_DEPTH = 30


def canonical(value: Any, depth: int = 0) -> Any:
    """Return ``value`` as JSON; None if it is None, which isn't told."""
    if value is None or isinstance(value, bool | str):
        return value
    if depth > _MAX_DEPTH:
        return ["deep"]
    if isinstance(value, float | np.floating):
        return _number(float(value))
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, Mapping) or hasattr(value, "_cfg_dict"):
        return ["dict", *([canonical(k), canonical(v, depth + 1)] for k, v in value.items())]
    if isinstance(value, list | tuple | types.GeneratorType):
        return [_kind(value), *(canonical(item, depth + 1) for item in value)]
    if isinstance(value, set | frozenset):
        return ["set", *sorted((canonical(item, depth + 1) for item in value), key=repr)]
    if isinstance(value, torch.Tensor | np.ndarray):
        values = value.detach().to("cpu") if isinstance(value, torch.Tensor) else value
        shape = list(values.shape)
        return [_kind(value), str(values.dtype), shape, canonical(values.tolist(), depth + 1)]
    return _object(value)


def _object(value: Any) -> Any:
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, Path):
        return ["path", str(value)]
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType):
        return ["name", value.__qualname__.split(".")[-1]]
    if isinstance(value, types.ModuleType):
        return ["module", value.__name__]
    if isinstance(value, torch.dtype | torch.device | complex | slice | range):
        return [_kind(value), str(value)]
    return ["object", _kind(value)]


def _kind(value: Any) -> str:
    """The name of its class; a named tuple is a tuple, a view of a dict or an iterator a list."""
    if isinstance(value, tuple):
        return "tuple"
    return type(value).__name__


def _number(value: float) -> Any:
    if not math.isfinite(value):
        return ["float", str(value)]
    return ["float", float(f"{value:.{_DIGITS}g}") + 0.0]


def error_of(error: BaseException) -> Any:
    """Return the names of an error's classes, the most precise first."""
    return ["error", *(each.__name__ for each in type(error).__mro__ if each is not object)]
