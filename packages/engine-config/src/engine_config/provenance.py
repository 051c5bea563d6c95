"""Where a value came from: the place that set it, and those that had set it before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine_config.errors import ConfigKeyError, close_names, is_index
from engine_config.source import Key, Marks, Place

__all__ = ["Mark", "Origin", "Unread", "find_origin", "mark_of", "origins_of"]


class Mark:
    """One setting of one value; travels with the `ConfigDict` that holds it.

    Args:
        place: the file, or what else set the value.
        line: from 1; 0 if it was no file.
        column: from 1.
        before: what set the value before.
        items: for a list or tuple, where its elements stand.
    """

    __slots__ = ("before", "column", "items", "line", "place")

    def __init__(
        self,
        place: str,
        line: int = 0,
        column: int = 0,
        *,
        before: Mark | None = None,
        items: Mapping[Key, Mark] | None = None,
    ) -> None:
        self.place = place
        self.line = line
        self.column = column
        self.before = before
        self.items = items

    def after(self, before: Mark | None) -> Mark:
        """Return this setting as one that came after ``before``."""
        if before is None:
            return self
        mine = self if self.before is None else self.before.after(before)
        chained = before if self.before is None else mine
        return Mark(self.place, self.line, self.column, before=chained, items=self.items)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, ({name: getattr(self, name) for name in self.__slots__},)


def _restored(state: dict[str, Any]) -> Mark:
    return Mark(**state)


class Unread:
    """The origins of one dict's entries, not made until somebody asks: few ever do.

    Args:
        path: the file.
        values: the plain dict that was read from it.
        marks: where the entries of all its containers stand.
    """

    __slots__ = ("_marks", "_path", "_values")

    def __init__(self, path: str, values: Mapping[Any, Any], marks: Marks) -> None:
        self._path = path
        self._values = values
        self._marks = marks

    def read(self) -> dict[Any, Mark]:
        """Return the origin of each entry."""
        places = self._marks.of(self._values)
        return {
            key: mark_of(self._path, place, self._values.get(key), marks=self._marks)
            for key, place in places.items()
        }


def mark_of(
    path: str, place: Place, value: Any, *, marks: Marks, before: Mark | None = None
) -> Mark:
    """Return the mark of a value as it was read, with those of a list's elements."""
    items: dict[Key, Mark] | None = None
    if type(value) is list or type(value) is tuple:
        places = marks.of(value)
        items = {i: mark_of(path, p, value[int(i)], marks=marks) for i, p in places.items()}
    return Mark(path, *place, before=before, items=items or None)


def origins_of(node: Any) -> dict[Any, Mark] | None:
    """Return the origins of the entries of a ConfigDict, None if there are none."""
    found = getattr(node, "_origins", None)
    if type(found) is Unread:
        found = found.read()
        object.__setattr__(node, "_origins", found)
    return found


class Origin:
    """Where a value came from.

    Attributes:
        file: the file; or what set the value, such as "override model.depth=5".
        line: from 1; 0 if it was no file.
        column: from 1.
        history: the settings before this one, the earliest first.
    """

    def __init__(self, mark: Mark) -> None:
        self.file = mark.place
        self.line = mark.line
        self.column = mark.column
        earlier = []
        while mark.before is not None:
            mark = mark.before
            earlier.append(Origin(_alone(mark)))
        self.history: tuple[Origin, ...] = tuple(reversed(earlier))

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __repr__(self) -> str:
        chain = " <- ".join(map(str, (self, *reversed(self.history))))
        return f"<Origin {chain}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origin) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash((self.file, self.line, self.column))


def _alone(mark: Mark) -> Mark:
    return Mark(mark.place, mark.line, mark.column)


def find_origin(root: Mapping[str, Any], path: str) -> Origin | None:
    """Return the origin of the value at the dotted ``path``, None where nobody noted one.

    What was not noted for a value itself is that of the closest container around it.

    Raises:
        ConfigKeyError: there is no such path.
    """
    value: Any = root
    mark: Mark | None = None
    for i, part in enumerate(path.split(".")):
        done = ".".join(path.split(".")[:i]) or "the configuration"
        if isinstance(value, Mapping):
            key = part if part in value or not is_index(part) else int(part)
            if key not in value:
                raise ConfigKeyError(
                    f"there is no {part!r} in {done}{close_names(part, value)}", path
                )
            mark = (origins_of(value) or {}).get(key, mark)
            value = dict.__getitem__(value, key) if isinstance(value, dict) else value[key]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if not is_index(part) or int(part) >= len(value):
                raise ConfigKeyError(f"{done} is a list of {len(value)}: got index {part!r}", path)
            if mark is not None and mark.items is not None:
                mark = mark.items.get(int(part), mark)
            value = value[int(part)]
        else:
            raise ConfigKeyError(f"{done} is {type(value).__name__} and holds no {part!r}", path)
    return None if mark is None else Origin(mark)
