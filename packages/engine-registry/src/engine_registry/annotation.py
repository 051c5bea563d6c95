"""Whether a plain value of a config contradicts an annotation.

Only what is certain is a contradiction. Lists and tuples stand for one another (files know no
tuples), integers for floats, and a class or protocol that is not a plain type accepts anything.
"""

from __future__ import annotations

import collections.abc
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

_PLAIN = (bool, int, float, complex, str, list, tuple, set, dict, type(None))
_SEQUENCES = (
    list,
    tuple,
    set,
    frozenset,
    collections.abc.Sequence,
    collections.abc.MutableSequence,
    collections.abc.Collection,
    collections.abc.Iterable,
)
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def meaning(annotation: Any, namespace: dict[str, Any]) -> Any:
    """An annotation as an object; `typing.Any` if it is a text that can't be evaluated."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, namespace)  # a line of source
    except Exception:  # names under TYPE_CHECKING, syntax of a later Python
        return Any


def fits(value: Any, annotation: Any) -> bool:
    """Whether ``value`` may be meant where ``annotation`` is asked for."""
    if not isinstance(value, _PLAIN) or annotation is Any:
        return True
    if annotation is None or annotation is type(None):
        return value is None
    origin = typing.get_origin(annotation)
    if origin is None:
        return _fits_class(value, annotation)
    arguments = typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, each) for each in arguments)
    if origin is typing.Literal:
        return any(value == each and type(value) is type(each) for each in arguments)
    if origin is typing.Annotated:
        return fits(value, arguments[0])
    if origin in _SEQUENCES and isinstance(value, list | tuple | set):
        return _fit_elements(list(value), origin, arguments)
    return _fits_class(value, origin)


def _fits_class(value: Any, wanted: Any) -> bool:
    """``fits`` for a class without parameters."""
    test = _TESTS.get(wanted) if isinstance(wanted, collections.abc.Hashable) else None
    if test is not None:
        return test(value)
    if wanted in _SEQUENCES:
        text_is_one = wanted not in (list, tuple, set, frozenset)
        return isinstance(value, list | tuple | set) or (
            text_is_one and isinstance(value, str | dict)
        )
    if wanted in _MAPPINGS:
        return isinstance(value, dict)
    return not (isinstance(value, str | dict | None) and _is_tensor(wanted))


def _is_tensor(wanted: Any) -> bool:
    """Whether it is torch's tensor, for which numbers may stand; torch need not be there."""
    name = getattr(wanted, "__qualname__", "")
    return name == "Tensor" and getattr(wanted, "__module__", "") == "torch"


def _fit_elements(values: list[Any], origin: Any, arguments: tuple[Any, ...]) -> bool:
    """``fits`` for the elements of ``list[int]``, ``tuple[int, str]``, ``tuple[int, ...]``."""
    if origin is not tuple or arguments[-1:] == (...,):
        return not arguments or all(fits(each, arguments[0]) for each in values)
    return len(values) == len(arguments) and all(map(fits, values, arguments))


_TESTS: Mapping[Any, Callable[[Any], bool]] = {
    bool: lambda value: isinstance(value, bool) or (type(value) is int and value in (0, 1)),
    int: lambda value: isinstance(value, int),
    float: lambda value: isinstance(value, int | float),
    complex: lambda value: isinstance(value, int | float | complex),
    str: lambda value: isinstance(value, str),
}
