"""Arrays and tensors as plain values, recognised by what they can do."""

from __future__ import annotations

from typing import Any


def to_plain(value: Any) -> Any:
    """Return an array, a tensor, a scalar of theirs, a set or a range as lists and numbers.

    Raises:
        TypeError: ``value`` is none of these.
    """
    if isinstance(value, set | frozenset | range):
        return list(value)
    as_list = getattr(value, "tolist", None)
    if callable(as_list):
        return as_list()
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    raise TypeError(
        f"cannot write a {kind}: {value!r:.80}. Plain values, arrays, tensors, sets and ranges "
        f"can be written; turn others into these, or dump as pickle"
    )
