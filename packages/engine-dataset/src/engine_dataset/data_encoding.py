"""Annotations as JSON text, so that reading what a stranger wrote executes nothing.

What JSON doesn't know (tuples, sets, bytes, arrays, keys that are no text) is written as
``{"!": [kind, ...]}`` in texts that begin with ``T``; those of JSON's own types begin with ``J``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["NotDataError", "decode", "encode"]

_SCALARS = frozenset((str, int, float, bool, type(None)))
_KINDS = "biufcSUmM"  # of numpy's types, those that hold bytes and no objects
_TAG = "!"
_write = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class NotDataError(TypeError):
    """A value is none that can be written."""


def encode(value: Any) -> bytes:
    """Return ``value`` as a text that `decode` reads, with the types that it has.

    Raises:
        NotDataError: it holds something else than numbers, texts, bytes, None, lists, tuples, sets,
            dicts and numpy's arrays and scalars.
    """
    if _is_json(value):
        return b"J" + _write(value).encode("ascii")
    return b"T" + _write(_tagged(value)).encode("ascii")


def decode(text: bytes | memoryview) -> Any:
    """Return the value of a text.

    Raises:
        ValueError: it isn't one that `encode` has written.
    """
    words = str(text, "ascii")
    read = _READERS.get(words[:1])
    if read is None:
        raise ValueError(f"no annotation begins with {words[:1]!r}; is the index damaged?")
    try:
        value, end = read(words, 1)
    except json.JSONDecodeError as error:
        raise ValueError(f"{words!r:.40} is no annotation; is the index damaged?") from error
    if end != len(words):
        raise ValueError(f"{words[end:]!r:.40} follows an annotation; is the index damaged?")
    return value


def _is_json(value: Any) -> bool:
    kind = type(value)
    if kind in _SCALARS:
        return True
    if kind is dict:
        if not all(type(key) is str for key in value) or _TAG in value:
            return False
        value = value.values()
    elif kind is not list:
        return False
    return all(type(each) in _SCALARS or _is_json(each) for each in value)


def _tagged(value: Any) -> Any:
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is list:
        return [*map(_tagged, value)]
    if kind is dict:
        if all(type(key) is str for key in value) and _TAG not in value:
            return {key: _tagged(each) for key, each in value.items()}
        return {_TAG: ["dict", [[_tagged(key), _tagged(each)] for key, each in value.items()]]}
    if kind in (tuple, set, frozenset):
        return {_TAG: [kind.__name__, [*map(_tagged, value)]]}
    if kind in (bytes, bytearray):
        return {_TAG: [kind.__name__, base64.b64encode(value).decode("ascii")]}
    if isinstance(value, np.generic) or kind is np.ndarray:
        array = np.asarray(value)
        if array.dtype.kind in _KINDS:
            name = "array" if kind is np.ndarray else "scalar"
            data = base64.b64encode(array.tobytes()).decode("ascii")
            return {_TAG: [name, array.dtype.str, [*array.shape], data]}
    raise NotDataError(f"{kind.__module__}.{kind.__qualname__}")


def _untagged(value: dict[str, Any]) -> Any:
    if _TAG not in value:
        return value
    try:
        kind, *rest = value[_TAG]
        return _MAKE[kind](*rest)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no annotation holds {value!r:.80}; is the index damaged?") from error


def _array(kind: str, shape: list[int], data: str) -> Any:
    dtype = np.dtype(kind)
    if dtype.kind not in _KINDS:
        raise ValueError(f"an array of {kind}")
    return np.frombuffer(bytearray(base64.b64decode(data)), dtype).reshape(shape)


_MAKE: dict[str, Callable[..., Any]] = {
    "dict": dict,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "bytes": base64.b64decode,
    "bytearray": lambda data: bytearray(base64.b64decode(data)),
    "array": _array,
    "scalar": lambda kind, shape, data: _array(kind, shape, data)[()],
}
_READERS = {
    "J": json.JSONDecoder().raw_decode,
    "T": json.JSONDecoder(object_hook=_untagged).raw_decode,
}
