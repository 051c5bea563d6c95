"""Which values are plain data, that a checkpoint holds and gives back equal."""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import pathlib
import uuid
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Final

import numpy as np

__all__ = ["FACTORIES", "copied", "is_plain"]

_SIMPLE: Final = (
    *(type(None), bool, int, float, complex, str, bytes, bytearray, range, slice),
    *(datetime.date, datetime.time, datetime.timedelta, datetime.timezone),
    *(pathlib.PurePath, decimal.Decimal, fractions.Fraction, uuid.UUID),
)
FACTORIES: Final = (  # what a defaultdict may call for what it lacks
    *(list, dict, set, int, float, str, tuple, bool, bytes, frozenset, complex, bytearray),
    *(OrderedDict, Counter, deque),
)
_FACTS: Final = ("dtype", "layout", "device", "qscheme")  # of torch, which isn't imported here


def is_plain(value: Any) -> bool:
    """Whether ``value`` is made of numbers, texts, dates, containers, arrays and tensors alone."""
    try:
        return _is_plain(value, {})
    except Exception:  # it is nested very deep, or its own methods fail
        return False


def copied(value: Any) -> Any:
    """Return a copy of plain data; of a tensor that a gradient flows through, without the graph.

    A mapping or a subclass that can't copy itself becomes a dict, list, tuple or set.
    """
    try:
        return deepcopy(value)
    except Exception:
        return _copied(value)


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        pairs = [(_copied(key), _copied(each)) for key, each in value.items()]
        if isinstance(value, defaultdict):
            return defaultdict(value.default_factory, pairs)
        return OrderedDict(pairs) if isinstance(value, OrderedDict) else dict(pairs)
    if isinstance(value, deque):
        return deque(map(_copied, value), value.maxlen)
    for kind in (list, tuple, set, frozenset):
        if isinstance(value, kind):
            return kind(map(_copied, value))
    if isinstance(value, np.ndarray) and value.dtype.char == "O":
        found = np.empty(value.size, object)
        for place, each in enumerate(value.flat):
            found[place] = _copied(each)
        return found.reshape(value.shape)
    return value.detach().clone() if hasattr(value, "detach") else deepcopy(value)


def _is_plain(value: Any, known: dict[int, Any]) -> bool:
    if isinstance(value, np.generic | np.ndarray):
        return _is_plain_array(value, known)
    if isinstance(value, _SIMPLE):
        return True
    if isinstance(value, enum.Enum):
        return False
    if isinstance(value, type):
        return issubclass(value, np.generic) and value is not np.object_
    if id(value) in known:  # looked at, or being looked at: then it holds itself
        return known[id(value)] is not value
    known[id(value)] = value
    if isinstance(value, Mapping):
        factory = getattr(value, "default_factory", None)
        found = factory is None or factory in FACTORIES
        found = found and _are_plain(value, known) and _are_plain(value.values(), known)
    elif isinstance(value, list | tuple | set | frozenset | deque):
        found = _are_plain(value, known)
    elif isinstance(value, np.dtype):
        found = not value.hasobject and value.metadata is None
    else:
        found = _is_of_torch(value)
    if found:
        known[id(value)] = (value,)  # kept, so that its place in memory stays its own
    return found


def _are_plain(values: Iterable[Any], known: dict[int, Any]) -> bool:
    return all(_is_plain(each, known) for each in values)


def _is_plain_array(value: Any, known: dict[int, Any]) -> bool:
    if value.dtype.char == "O":
        return _are_plain(value.flat, known)
    return not value.dtype.hasobject and value.dtype.kind in "?biufcmMSUV"


def _is_of_torch(value: Any) -> bool:
    """Whether it is a tensor, or one of the facts about tensors."""
    if hasattr(value, "detach") and hasattr(value, "device"):
        return True
    of = type(value)
    return of.__module__ == "torch" and of.__name__ in _FACTS
