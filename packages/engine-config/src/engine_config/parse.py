"""Syntax trees of Python configs: parsed once, kept as long as the file is the same."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from pathlib import Path

from engine_config.errors import (
    ConfigSyntaxError,
)
from engine_config.source import Source, read_source

__all__ = ["parse", "parse_steps", "parsed"]

_KEPT_TREES = 512

_KEPT_LENGTH = 2_000_000  # characters; a tree is a hundred times as large as its text

_F_STRING = re.compile("[fF][rR]?['\"]")

_CHARACTER = 3  # steps that one costs: a syntax tree is large, and is walked

_FIELDS = 11  # a power of two: braces times length that cost a step, for Python 3.11's f-strings

# What Python calls a text of theirs: no file can have this name, which it looks for on an error.
_STRANGERS = "/dev/null/<untrusted config>"


class _KeptTrees:
    """Syntax trees of the files that were read last, each as long as its file is the same.

    Without a lock, which a forked process could find held: threads at most parse a file again.
    """

    def __init__(self) -> None:
        self._trees: dict[str, tuple[tuple[int, int], Source, ast.Module]] = {}
        self._length = 0  # characters of all texts, or more

    def get(self, name: str, state: tuple[int, int]) -> tuple[Source, ast.Module] | None:
        """Text and tree of a file, if its time and size are as they were."""
        kept = self._trees.pop(name, None)
        if kept is None or kept[0] != state:
            return None
        self._trees[name] = kept  # the last one again
        return kept[1:]

    def put(self, name: str, state: tuple[int, int], made: tuple[Source, ast.Module]) -> None:
        """Keep a file's; if there are too many, drop a part that nobody asked for longest."""
        self._trees[name] = state, *made
        self._length += len(made[0].text)
        if len(self._trees) > _KEPT_TREES or self._length > _KEPT_LENGTH:
            names = [*self._trees]
            for oldest in names[: len(names) // 4 + 1]:
                self._trees.pop(oldest, None)
            self._length = sum(len(kept[1].text) for kept in [*self._trees.values()])


_trees = _KeptTrees()


def parsed(
    path: Path, max_bytes: int, *, bounded: bool, pay: Callable[[Source], None]
) -> tuple[Source, ast.Module]:
    """Return the text and the syntax tree of a file, kept as long as the file is the same.

    Args:
        path: the file.
        max_bytes: how large it may be.
        bounded: nobody trusts it; its tree isn't kept.
        pay: called with the text before it is parsed.

    Raises:
        ConfigNotFoundError: there is no such file.
        ConfigSyntaxError: it is no Python.
    """
    name = str(path)
    try:
        status = path.stat()
        state = status.st_mtime_ns, status.st_size
    except OSError:
        state = (-1, -1)
    kept = _trees.get(name, state) if state[1] <= max_bytes else None
    if kept is not None:
        pay(kept[0])
        return kept
    source = read_source(path, max_bytes)
    pay(source)
    tree = parse(source, bounded=bounded)
    if not bounded:
        _trees.put(name, state, (source, tree))
    return source, tree


def parse(source: Source, *, bounded: bool = False) -> ast.Module:
    """Return the syntax tree of a text.

    Args:
        source: the text.
        bounded: nobody trusts it: what Python warns of isn't shown.

    Raises:
        ConfigSyntaxError: it is no Python, or is nested too deeply.
    """
    text = source.text
    if bounded:
        _silence()
    try:
        return ast.parse(text, _STRANGERS if bounded else source.path or "<config>")
    except SyntaxError as error:
        place = (error.lineno or 0, error.offset or 0)
        raise source.error(error.msg, place, ConfigSyntaxError) from error
    except (RecursionError, MemoryError) as error:
        raise source.error("this is nested too deeply", kind=ConfigSyntaxError) from error
    except ValueError as error:
        raise source.error(str(error), kind=ConfigSyntaxError) from error


def parse_steps(text: str) -> int:
    """How many steps of a `Meter` it takes to parse a text, and to walk its tree."""
    fields = text.count("{") * len(text) >> _FIELDS if _F_STRING.search(text) else 0
    return _CHARACTER * len(text) + fields


def _silence() -> None:
    """Ignore what Python warns of in a stranger's text: it shows the whole line, each time.

    Not `warnings.catch_warnings`, which changes what other threads see.
    """
    if not any(getattr(each[3], "pattern", "") == _STRANGERS for each in warnings.filters):
        warnings.filterwarnings("ignore", module=_STRANGERS)
