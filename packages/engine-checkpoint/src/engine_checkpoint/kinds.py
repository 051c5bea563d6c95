"""What a checkpoint may hold: one table, which serves the writer and the reader.

A `Kind` says which Python types it is of, how a value becomes one that is written, by which names
pickles call it, and how it is made again from what they say. Making does no input or output and
imports nothing, and costs no more than the bytes that it is made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from engine_checkpoint.pickle_nodes import Made
from engine_checkpoint.pickle_opcodes import LONGEST

__all__ = ["ATOMS", "LEFT_OUT", "Keep", "Kind", "is_long", "is_plain", "raw_bytes", "refuse"]

# Given a value inside another and its place there, such as "[3]", returns what is written of it.
Keep = Callable[[Any, str], Any]

# Written and read as they are.
ATOMS: Final = frozenset({str, int, float, bool, type(None), bytes})


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of content.

    Attributes:
        names: by which pickles call it.
        read: makes it from what a pickle says; its arguments are made already.
        types: Python types of it; their subclasses, too, are written as this kind.
        write: returns what is written of a value.
    """

    names: tuple[str, ...]
    read: Callable[[Made], Any]
    types: tuple[type[Any], ...] = ()
    write: Callable[[Any, Keep], Any] = lambda value, _: value


def refuse(what: str) -> Any:
    """Say that a file holds what can't be made.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"it holds {what}, which isn't read")


def is_long(value: int) -> bool:
    """Whether a number is of more bytes than are read."""
    return value.bit_length() >= 8 * LONGEST


def is_plain(values: Iterable[Any]) -> bool:
    """Whether all values are atoms of one kind that are written as they are."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return max(map(int.bit_length, values)) < 8 * LONGEST
    return len(kinds) <= 1 and kinds <= ATOMS


def raw_bytes(value: Any) -> bytes:
    """Return bytes that a pickle holds as they are, or as text."""
    if isinstance(value, str):
        return value.encode("latin-1")
    return bytes(value) if isinstance(value, bytes | bytearray) else refuse("no bytes")


# What an entry becomes that can't be written, if those around it are.
LEFT_OUT: Final = object()
