"""Unpickling: the values of a pickle's nodes, each made once by its kind, from what is made."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, Final, NoReturn

import numpy as np
import torch

from engine_checkpoint.errors import UnsafeCheckpointError
from engine_checkpoint.kinds import ATOMS, Kind
from engine_checkpoint.kinds_numpy import CLASSES, NUMPY
from engine_checkpoint.kinds_registered import registered_kinds
from engine_checkpoint.kinds_standard import HASHING, STANDARD
from engine_checkpoint.kinds_torch import TORCH, Maker, fact_of_torch
from engine_checkpoint.pickle_nodes import PERSISTENT, Made, Named
from engine_checkpoint.recursion import room_for_nesting
from engine_checkpoint.standard_values import FACTORIES

__all__ = ["MOST_VALUES", "Values", "all_kinds"]

# So many values may a checkpoint hold, what is there several times counted as often. Fewer bytes
# can say more of them; whatever goes through them later would take for ever.
MOST_VALUES: Final = 20_000_000
_MOST_IN_A_KEY: Final = 10_000
_MOST_LARGE_KEYS: Final = 10_000  # numbers whose hash their writer can choose
_RARE: Final = 10  # of so many of them, one that hashes slowly, and is a key of nobody's
_LARGE_BITS: Final = 60


@cache
def all_kinds() -> tuple[Kind, ...]:
    """Return what a checkpoint may hold, more special types first: the first that fits counts."""
    return (*TORCH, *NUMPY, *registered_kinds(), *STANDARD)


@cache
def _by_name() -> Mapping[str, Kind]:
    return {name: kind for kind in all_kinds() for name in kind.names}


def _declared_safe() -> Mapping[str, Any]:
    """The classes and functions that this program has declared safe to torch, by name."""
    found: dict[str, Any] = {}
    for each in torch.serialization.get_safe_globals():
        if isinstance(each, tuple):
            found[each[1]] = each[0]
        else:
            found[f"{each.__module__}.{each.__qualname__}"] = each
    return found


class Values:
    """Makes what nodes stand for.

    What isn't data stays an `Named` or `Made`, and is refused if it is part of the result.

    Args:
        storage: returns the storage that a persistent id means.
    """

    def __init__(self, storage: Callable[[Any], Any]) -> None:
        self._storage = storage
        self._done: dict[int, tuple[Any, int, Any]] = {}  # value, how many in it, its node
        self._under_way: set[int] = set()
        self._weights: dict[int, int] = {}  # of tuples
        self._count = 0
        self._has_unread = False
        self._safe = _declared_safe()

    def whole(self, node: Any, name: str) -> Any:
        """Return the value of a node.

        Raises:
            UnsafeCheckpointError: it holds more than data.
            ValueError: it is damaged.
        """
        with room_for_nesting():
            found = self.value(node)
            if self._has_unread:
                _find_unread(found, "", seen=set(), name=name)
        return found

    def value(self, node: Any) -> Any:
        """Return the value of a node, which may hold what is unread."""
        self._count += 1
        if type(node) in ATOMS:
            return node
        key = id(node)
        known = self._done.get(key)
        if known is not None:
            self._count += known[1]
            self._check_count()
            return known[0]
        if key in self._under_way:
            raise ValueError("something in it holds itself")
        self._under_way.add(key)
        before = self._count
        found = self._made(node)
        self._under_way.discard(key)
        self._check_count()
        self._done[key] = found, self._count - before, node
        if type(found) in (tuple, frozenset):
            self._weights[id(found)] = self._count - before
        return found

    def _check_count(self) -> None:
        if self._count > MOST_VALUES:
            raise ValueError(f"it holds more than {MOST_VALUES} values in few bytes")

    def _made(self, node: Any) -> Any:
        if type(node) is list:
            return self._list(node)
        if type(node) is tuple:
            return tuple(self._list(node))
        if type(node) is Named:
            return self._named(node)
        if type(node) is Made:
            return self._storage(node.args) if node.name == PERSISTENT else self._called(node)
        raise ValueError(f"it holds a {type(node).__name__}")

    def _list(self, nodes: Iterable[Any]) -> list[Any]:
        value = self.value
        return [value(each) for each in nodes]

    def _named(self, named: Named) -> Any:
        for table in (CLASSES, FACTORIES, self._safe):
            if named.name in table:
                return table[named.name]
        if (fact := fact_of_torch(named.name)) is not None:
            return fact
        kind = _by_name().get(named.name)
        self._has_unread = True
        return named if kind is None else Maker(kind, named.name)

    def _called(self, node: Made) -> Any:
        args = self.value(node.args)
        if type(args) is not tuple:
            raise ValueError(f"{node.name} is called with a {type(args).__name__}")
        made = Made(node.name, args, is_new=node.is_new)
        made.state, made.items = self.value(node.state), self._list(node.items)
        made.pairs = [(self.value(key), self.value(each)) for key, each in node.pairs]
        self._check_keys([key for key, _ in made.pairs])
        if made.name in HASHING:
            for each in made.args:
                if isinstance(each, range):
                    raise ValueError(f"{made.name} of a range, which may be of any length")
                self._check_keys(each if isinstance(each, Collection) else ())
            self._check_keys(made.items)
        kind = _by_name().get(made.name)
        if kind is None and made.name not in self._safe:
            self._has_unread = True
            return made
        try:
            return kind.read(made) if kind else _of_safe(self._safe[made.name], made)
        except RecursionError:
            raise
        except Exception as error:
            inner = next(filter(_is_unread, (*made.args, *made.items)), None)
            if inner is not None:  # it can't be made since that isn't
                return inner
            raise ValueError(f"{made.name}: {error}") from error

    def _check_keys(self, keys: Collection[Any]) -> None:
        """Refuse keys whose hashing would take long: tuples of shared tuples, chosen numbers."""
        large = 0
        for key in keys:
            if type(key) is int:
                large += key.bit_length() > _LARGE_BITS
            elif isinstance(key, complex | Fraction | Decimal | range):  # whose hashes are chosen
                large += _RARE
            elif self._weights.get(id(key), 0) > _MOST_IN_A_KEY:
                raise ValueError(f"it has a key of more than {_MOST_IN_A_KEY} values")
        if large > _MOST_LARGE_KEYS:
            raise ValueError(
                f"it has more than {_MOST_LARGE_KEYS} large numbers as keys, or more than "
                f"{_MOST_LARGE_KEYS // _RARE} complex numbers, fractions, decimals or ranges"
            )


def _of_safe(known: Any, made: Made) -> Any:
    """What a class or function makes that the program itself has declared safe."""
    is_new = made.is_new and isinstance(known, type)
    found = known.__new__(known, *made.args) if is_new else known(*made.args)
    if made.state is not None:
        if hasattr(found, "__setstate__"):
            found.__setstate__(made.state)
        else:
            found.__dict__.update(made.state)
    if made.items:
        found.extend(made.items)
    for key, each in made.pairs:
        found[key] = each
    return found


def _is_unread(value: Any) -> bool:
    return type(value) in (Named, Made, Maker)


def _find_unread(value: Any, where: str, *, seen: set[int], name: str) -> None:
    if _is_unread(value):
        _refuse(value.name, where, name=name)
    if type(value) in ATOMS or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Mapping):
        for key, each in value.items():
            _find_unread(key, where, seen=seen, name=name)
            _find_unread(each, f"{where}[{key!r:.60}]", seen=seen, name=name)
    elif isinstance(value, list | tuple | set | frozenset):
        for place, each in enumerate(value):
            _find_unread(each, f"{where}[{place}]", seen=seen, name=name)
    elif not isinstance(value, torch.Tensor):
        is_array = isinstance(value, np.ndarray) and value.dtype.char == "O"
        inside = value.flat if is_array else ()
        for each in (*inside, *_attributes(value)):
            _find_unread(each, where, seen=seen, name=name)


def _attributes(value: Any) -> Iterable[Any]:
    if isinstance(value, slice):
        return value.start, value.stop, value.step
    if isinstance(value, deque):
        return value
    return list(getattr(value, "__dict__", {}).values())


def _refuse(wanted: str, where: str, *, name: str) -> NoReturn:
    place = f" at {where}" if where else ""
    error = UnsafeCheckpointError(
        f"{name} holds more than data, and was not executed: it names {wanted}{place}. If you "
        "trust its author, read it with torch.load(..., weights_only=False) and save its "
        "state_dict alone"
    )
    error.wanted = wanted
    raise error
