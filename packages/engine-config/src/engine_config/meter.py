"""The work and memory that evaluating one configuration may take: one meter that everything pays.

A step is one node of the syntax tree evaluated, one entry visited, or 64 bytes made or compared.
An operation pays by the size of its operands and of its result before it is carried out.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sized
from types import EllipsisType
from typing import Any

from engine_config.node import ConfigDict
from engine_config.plain_values import LAZY

__all__ = [
    "EMPTY",
    "LIMIT",
    "MAPPINGS",
    "MAX_BITS",
    "MAX_DEPTH",
    "LimitError",
    "Meter",
    "Refusal",
    "extent",
    "size_bytes",
]

LIMIT = 1_000_000
MAX_BITS = 14_000  # about the 4,300 digits that Python shows of a number
MAX_DEPTH = 200  # Python's hash of deeper tuples would end the process

MAPPINGS = frozenset({ConfigDict, dict})
VIEWS = frozenset({type({}.keys()), type({}.values()), type({}.items())})
_SEQUENCES = frozenset({list, tuple, set, frozenset, *VIEWS})
_TEXTS = frozenset({str, bytes})
# What Python hashes in no time, and differently: texts salted, small integers by their value.
_QUICK_KEYS = frozenset({bool, bytes, float, str, type(None), EllipsisType})
_DISTINCT = 2**61 - 1  # from here on, integers have the hashes of smaller ones
_COLLISIONS = 2  # a power of two of entries with equal hash that are compared in one step
_PASSED = 11  # a power of two of entries that are passed in one step
_ALL = 63  # a power of two, of more than there are
EMPTY = 12  # a power of two of bytes of a table that are gone through in one step
_TABLES: dict[type, Callable[[Any], int]] = {
    ConfigDict: dict.__sizeof__,
    dict: dict.__sizeof__,
    frozenset: frozenset.__sizeof__,
    set: set.__sizeof__,
}


class LimitError(Exception):
    """A config asks for more work or memory than the evaluator gives."""


class Refusal(Exception):
    """A config asks for something that the evaluator has not."""


def size_bytes(text: str | bytes) -> int:
    """About how much memory a text takes."""
    return len(text) if isinstance(text, bytes) or text.isascii() else 4 * len(text)


def extent(value: Any) -> int:
    """How many steps it takes to go through a container.

    A dict or set keeps the places of what was removed from it.
    """
    owner = gc.get_referents(value)[0] if type(value) in VIEWS else value
    size = _TABLES.get(type(owner))
    return len(value) if size is None else max(len(value), size(owner) >> EMPTY)


class Meter:
    """Counts the steps of one load.

    Args:
        limit: how many there may be.
        chosen: keys may be chosen such that looking for one passes all others in its table, which
            is paid for: numbers have known hashes.
    """

    __slots__ = ("_hashes", "_passed", "left", "limit", "worst")

    def __init__(self, limit: int = LIMIT, *, chosen: bool = True) -> None:
        self._passed = _PASSED if chosen else _ALL
        self.limit = limit
        self.left = limit
        self.worst = 1
        self._hashes: dict[int, int] = {}

    def spend(self, steps: int = 1) -> None:
        """Count ``steps``.

        Raises:
            LimitError: there were too many.
        """
        self.left -= steps
        if self.left < 0:
            raise LimitError(f"this takes more than the {self.limit:,} steps that a config has")

    def made(self, size: int) -> None:
        """Allow to make, copy or compare ``size`` bytes.

        Raises:
            LimitError: it is too much.
        """
        self.spend(1 + (size >> 6))

    def bits(self, bits: int) -> None:
        """Allow an integer of so many bits.

        Raises:
            LimitError: it is too large.
        """
        if bits > MAX_BITS:
            raise LimitError(f"this number would have {bits:,} bits; at most {MAX_BITS:,} are made")
        self.spend(1 + (bits >> 9) + (bits >> 10) ** 2)

    def each(self, values: Iterable[Any], steps: int = 1) -> Iterator[Any]:
        """Yield ``values``, and pay ``steps`` for every one."""
        if isinstance(values, Sized):
            self.spend(extent(values) - len(values))
        for value in values:
            self.spend(steps)
            yield value

    def all_of(self, values: Iterable[Any]) -> list[Any]:
        """Return ``values`` as a list, paid for."""
        if isinstance(values, Sized):
            self.spend(extent(values))
            return list(values)
        return list(self.each(values))

    def walk(self, *values: Any, shown: bool = False, named: bool = False) -> int:
        """Pay for an operation that goes through all of ``values``; return how much.

        A few lists that hold one another many times are billions of values to it.

        Args:
            values: what it looks at.
            shown: it makes a text of them.
            named: the text of what is lazy is its name.

        Raises:
            LimitError: there is too much, it never ends, or is nested too deeply.
        """
        before = self.left
        level: list[Any] = list(values)
        for _ in range(MAX_DEPTH):
            self.spend(len(level))
            inner: list[Any] = []
            for value in level:
                kind = type(value)
                if kind in _TEXTS:
                    self.left -= (size_bytes(value) << (2 if shown else 0)) >> 6
                elif kind is int:
                    if shown and value.bit_length() > MAX_BITS:
                        self.bits(value.bit_length())
                    self.left -= value.bit_length() >> (5 if shown else 7)
                elif kind in MAPPINGS:
                    self.spend(2 * extent(value) + len(value) * (len(value) >> self._passed))
                    inner.extend(dict.keys(value))
                    inner.extend(dict.values(value))
                elif kind in _SEQUENCES:
                    self.spend(extent(value))
                    if kind in _TABLES:
                        self.spend(len(value) * (len(value) >> self._passed))
                    inner.extend(value)
                elif shown and getattr(kind, "is_evaluated", False):
                    raise Refusal("the text of a function")
                elif shown and not named and kind in LAZY:
                    raise Refusal(f"the text of {str(value)[:60]}")
            if not inner:
                self.spend(0)
                return before - self.left
            level = inner
        raise LimitError(f"this is nested more than {MAX_DEPTH} deep")

    def hashed(self, value: Any) -> None:
        """Pay for hashing ``value``, and for comparing it with others of equal hash.

        Raises:
            LimitError: it is too much.
        """
        kind = type(value)
        if kind is int and -_DISTINCT < value < _DISTINCT:
            return
        if kind in _QUICK_KEYS:
            if kind in _TEXTS:
                self.left -= len(value) >> 6
            return
        cost = self.walk(value)
        try:
            code = hash(value)
        except TypeError:  # which Python says better when it does it
            return
        count = self._hashes[code] = self._hashes.get(code, 0) + 1
        if count >> _COLLISIONS:
            self.worst = max(self.worst, count >> _COLLISIONS)
            self.spend(cost * (count >> _COLLISIONS))

    def key(self, value: Any, table: Sized) -> None:
        """Pay for looking for ``value`` in a dict or set.

        Raises:
            LimitError: it is too much.
        """
        self.hashed(value)
        self.spend(len(table) >> self._passed)

    def keys(self, values: Iterable[Any], table: Sized = ()) -> None:
        """Pay for hashing every one of ``values``, and putting it into a dict or set."""
        count = 0
        for value in values:
            self.spend()
            self.hashed(value)
            count += 1
        self.spend(count * ((count + len(table)) >> self._passed))

    def entries(self, count: int, table: Sized = ()) -> None:
        """Pay for putting ``count`` values with known hashes into a dict or set."""
        self.spend(1 + count * (self.worst + ((count + len(table)) >> self._passed)))
