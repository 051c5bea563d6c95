"""Which values a checkpoint keeps, and as what: the writer's side of `all_kinds`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from engine_checkpoint.kinds import ATOMS, LEFT_OUT, Kind, is_long, is_plain
from engine_checkpoint.kinds_numpy import WRITTEN_CLASSES
from engine_checkpoint.recursion import DEEPEST, room_for_nesting
from engine_checkpoint.unpickle import MOST_VALUES, all_kinds

__all__ = ["NotKeptError", "kept", "kept_parts"]


_SHOWN: Final = 80  # of a very long place


class NotKeptError(TypeError):
    """A checkpoint can't hold a value: it couldn't be made again without its own code."""


def kept(value: Any, where: str) -> Any:
    """Return a value as a checkpoint holds it: what is read again is equal.

    A named tuple becomes a tuple, a dict's subclass a dict, a member of an IntEnum or StrEnum a
    number or text, a time zone with rules its present offset. Tensors are the same.

    Args:
        value: what is to be written.
        where: what to call it in an error.

    Raises:
        NotKeptError: it, or something in it, can't be held; named by its place.
    """
    with room_for_nesting():
        return _Keeper(None).keep(value, where)


def kept_parts(value: Any, where: str, tell: Callable[[NotKeptError], None]) -> Any:
    """Return a value as `kept` does, without the entries of dicts that can't be held.

    Args:
        value: what is to be written.
        where: what to call it in an error.
        tell: is told of each entry that is left out.

    Raises:
        NotKeptError: what can't be held is no dict's entry.
    """
    left_out: list[NotKeptError] = []
    with room_for_nesting():
        found = _Keeper(left_out.append).keep(value, where)
    for each in left_out:
        tell(each)
    return found


class _Keeper:
    def __init__(self, tell: Callable[[NotKeptError], None] | None) -> None:
        self._tell = tell
        self._done: dict[int, tuple[Any, Any, int]] = {}  # value, written, how many in it
        self._under_way: set[int] = set()
        self._count = 0

    def keep(self, value: Any, where: str) -> Any:
        self._count += 1
        if type(value) in ATOMS:
            if type(value) is int and is_long(value):
                raise NotKeptError(f"{where} is a number of {value.bit_length()} bits: too many")
            return value
        known = self._done.get(id(value))
        if known is not None:
            self._count += known[2]
            self._check_count(where)
            return known[1]
        if id(value) in self._under_way:
            raise NotKeptError(f"{where} holds itself, which a checkpoint can't")
        if len(self._under_way) > DEEPEST:
            raise NotKeptError(f"{where[:_SHOWN]}... is nested more than {DEEPEST} deep")
        self._under_way.add(id(value))
        before = self._count
        try:
            written = self._written(value, where)
        finally:
            self._under_way.discard(id(value))
        self._check_count(where)
        self._done[id(value)] = value, written, self._count - before
        return written

    def _check_count(self, where: str) -> None:
        if self._count > MOST_VALUES:
            raise NotKeptError(f"{where} holds more than {MOST_VALUES} values: make it an array")

    def _written(self, value: Any, where: str) -> Any:
        if isinstance(value, type):
            if value in WRITTEN_CLASSES:
                return value
            raise NotKeptError(
                f"{where} is the class {value.__qualname__}, and a checkpoint holds data alone: "
                "put its name in"
            )
        if type(value) is list and is_plain(value):  # such as a history
            self._count += len(value)
            return [*value]
        kind = kind_of(value)
        if kind is None:
            raise NotKeptError(
                f"{where} is a {_called(value)}, which a checkpoint can't hold: it holds numbers, "
                "texts, dates, paths, containers, arrays and tensors. Put its data in, as a dict "
                "for example"
            )
        is_dict = isinstance(value, dict)

        def inner(each: Any, place: str) -> Any:
            try:
                return self.keep(each, f"{where}{place}")
            except NotKeptError as error:
                if self._tell is None or not is_dict or not place.startswith("["):
                    raise
                self._tell(error)
                return LEFT_OUT

        try:
            return kind.write(value, inner)
        except NotKeptError:
            raise
        except (TypeError, ValueError) as error:
            raise NotKeptError(f"{where} is a {_called(value)}: {error}") from error
        except Exception as error:  # of the value's own methods
            raise NotKeptError(
                f"{where} is a {_called(value)} that can't be looked through: "
                f"{type(error).__name__}: {error}"
            ) from error


def kind_of(value: Any) -> Kind | None:
    """Return the kind of a value, or None."""
    of = type(value)
    if of not in _known:
        found = (kind for kind in all_kinds() if kind.types and isinstance(value, kind.types))
        _known[of] = next(found, None)
    return _known[of]


_known: dict[type[Any], Kind | None] = {}


def _called(value: Any) -> str:
    of = type(value)
    return of.__qualname__ if of.__module__ == "builtins" else f"{of.__module__}.{of.__qualname__}"
