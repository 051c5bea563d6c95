"""What differs between two configurations, as lines of text and value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any, NamedTuple

from engine_config.masked_repr import represented
from engine_config.plain_values import plain
from engine_config.provenance import Origin, find_origin
from engine_config.secrets import is_secret_path, masked

__all__ = ["MISSING", "Change", "changes", "differing_lines"]

_QUICKLY_COMPARED = 4_000_000  # the product of two numbers of lines


class _Missing:
    def __repr__(self) -> str:
        return "<missing>"


MISSING = _Missing()


class Change(NamedTuple):
    """One value that is not the same.

    Attributes:
        path: dotted.
        before: the value in the first configuration, or `MISSING`.
        after: the value in the second one, or `MISSING`.
        where: what set the second one's value, or the first one's where it is gone.
    """

    path: str
    before: Any
    after: Any
    where: Origin | None

    def __str__(self) -> str:
        where = f"  ({self.where})" if self.where else ""
        before, after = map(represented, (self.before, self.after))
        return f"{self.path}: {before} -> {after}{where}"

    def __repr__(self) -> str:
        before, after = map(represented, (self.before, self.after))
        return f"Change({self.path!r}, {before}, {after}, {self.where!r})"


def changes(first: Mapping[Any, Any], second: Mapping[Any, Any]) -> list[Change]:
    """Return every value that differs, containers entry by entry, in the order of the first."""
    found = []
    for path, before, after in _walk(plain(first), plain(second), ""):
        owner = first if after is MISSING else second
        if is_secret_path(path):
            before, after = (each if each is MISSING else "<secret>" for each in (before, after))
        else:  # a whole dict may be new, and hold some
            before, after = masked(before), masked(after)
        found.append(Change(path, before, after, find_origin(owner, path)))
    return found


def _walk(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in (*before, *(key for key in after if key not in before)):
            at = f"{path}.{key}" if path else str(key)
            yield from _walk(before.get(key, MISSING), after.get(key, MISSING), at)
    elif isinstance(before, list) and isinstance(after, list):
        for i in range(max(len(before), len(after))):
            old = before[i] if i < len(before) else MISSING
            new = after[i] if i < len(after) else MISSING
            yield from _walk(old, new, f"{path}.{i}")
    elif type(before) is not type(after) or before != after:
        yield path, before, after


def differing_lines(first: list[str], second: list[str]) -> list[str]:
    """Return what `diff -u` shows of two texts' lines.

    Where these are many, which may take the square of the time, all behind the first difference
    counts as changed.
    """
    from difflib import unified_diff  # slow to import, and needed here only

    if len(first) * len(second) <= _QUICKLY_COMPARED:
        return [*unified_diff(first, second)]
    if first == second:
        return []
    pairs = zip(first, second, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    begin = max(0, same - 3)
    return [
        *("--- \n", "+++ \n", f"@@ -{begin + 1} +{begin + 1} @@"),
        *(f" {line}" for line in first[begin:same]),
        *(f"-{line}" for line in first[same:]),
        *(f"+{line}" for line in second[same:]),
    ]
