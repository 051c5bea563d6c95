"""A configuration as Python text: one pass, no formatter, reads back equal."""

from __future__ import annotations

import cmath
import math
import sys
from collections.abc import Iterable, Mapping
from keyword import iskeyword
from operator import attrgetter
from typing import Any

from engine_config.errors import ConfigTypeError
from engine_config.lazy import LazyObject
from engine_config.masked_repr import represented

__all__ = ["import_name", "to_python"]

_STEP = 4
_MAX_DEPTH = 90
_SIMPLE = frozenset({bool, str, type(None), bytes})


class _Block:
    """A container: its text in one line if that is short, and its parts in any case."""

    __slots__ = ("close", "flat", "open", "parts")

    def __init__(self, brackets: tuple[str, str], parts: list[tuple[str, Any]], width: int) -> None:
        self.open, self.close = brackets
        self.parts = parts
        self.flat: str | None = None
        texts = []
        length = len(self.open) + len(self.close)
        for prefix, part in parts:
            text = part if isinstance(part, str) else part.flat
            if text is None:
                return
            texts.append(prefix + text)
            length += len(texts[-1]) + 2
            if length > width + 2:
                return
        comma = "," if self.open == "(" and len(parts) == 1 else ""
        self.flat = self.open + ", ".join(texts) + comma + self.close


def to_python(value: Mapping[Any, Any], width: int = 80) -> str:
    """Return the text of a config file, names in order, with lines of at most about ``width``.

    Lazy objects, classes and functions become the dotted names that import them.

    Raises:
        ConfigTypeError: a value, or a name, cannot be written; the message gives its path.
    """
    printer = _Printer(width, hidden=frozenset(k for k in value if isinstance(k, str)))
    lines = []
    raw = _raw(value)
    for name in _ordered(value):
        if not isinstance(name, str) or not _is_name(name) or name.startswith("__"):
            raise ConfigTypeError(
                f"{name!r} cannot be the name of a value in a Python config; "
                "write this configuration to YAML or JSON"
            )
        item = raw[name]
        prefix = f"{name} = "
        lines.append(prefix + printer.lines(printer.node(item, name, 0), 0, len(prefix)) + "\n")
    return "".join(lines)


class _Printer:
    def __init__(self, width: int, hidden: frozenset[str]) -> None:
        self._width = width
        self._hidden = hidden  # a name of the config's own hides Python's `dict`, `float`, ...

    def node(self, value: Any, path: str, depth: int) -> str | _Block:
        """Text of a leaf, or the block of a container."""
        kind = type(value)
        if kind in _SIMPLE:
            return _text(value) if kind is str else repr(value)
        if kind is int:
            return _integer(value)
        if depth > _MAX_DEPTH:
            raise ConfigTypeError(f"{path[:200]} is nested more than {_MAX_DEPTH} deep")
        if isinstance(value, Mapping):
            return self._mapping(value, path, depth)
        if kind is list or kind is tuple:
            brackets = ("[", "]") if kind is list else ("(", ")")
            return self._values(value, brackets, path=path, depth=depth)
        if kind is set or kind is frozenset:
            brackets = ("{", "}") if kind is set else ("frozenset({", "})")
            if kind.__name__ in self._hidden and (not value or kind is frozenset):
                return self._empty_set(kind, path)
            if not value:
                return f"{kind.__name__}()"
            return self._values(sorted(value, key=represented), brackets, path=path, depth=depth)
        return self._leaf(value, path)

    def _empty_set(self, kind: type, path: str) -> str:
        if kind is set:
            return "{*()}"
        raise ConfigTypeError(f"{path} is a frozenset, and a name of this config hides `frozenset`")

    def _float(self, value: float) -> str:
        if math.isfinite(value):
            return float.__repr__(value)
        if "float" in self._hidden:
            infinite = "-1e999" if value < 0 else "1e999"
            return "(1e999 - 1e999)" if math.isnan(value) else infinite
        return "float('nan')" if math.isnan(value) else f"float('{'-' * (value < 0)}inf')"

    def _leaf(self, value: Any, path: str) -> str:
        """Text of what is no container."""
        text = self._atom(value)
        if text is not None:
            return text
        if isinstance(value, LazyObject):
            return repr(str(value))
        name = import_name(value)
        if name is not None:
            return repr(name.removeprefix("builtins."))
        raise ConfigTypeError(
            f"{path} is {type(value).__name__} {represented(value)[:60]}, which a config "
            "file cannot hold; give it as text, a number, a list or a dict that says how to "
            "build it"
        )

    def _atom(self, value: Any) -> str | None:
        """Text of a simple value, also of a subclass such as numpy's or an enumeration's."""
        if isinstance(value, str):
            return _text(str.__str__(value))
        if isinstance(value, bool | bytes | type(None)):
            return repr(value)
        if isinstance(value, int):
            return _integer(value)
        if isinstance(value, float):
            return self._float(value)
        if isinstance(value, complex) and cmath.isfinite(value):  # Python cannot write another
            return repr(value + 0)  # which has no -0.0: Python would read one as 0.0, or make one
        return "..." if value is ... else None

    def _key(self, key: Any, path: str) -> str:
        if type(key) is tuple:
            inner = ", ".join(self._key(part, path) for part in key)
            return f"({inner},)" if len(key) == 1 else f"({inner})"
        text = self._atom(key)
        if text is None:
            raise ConfigTypeError(
                f"{path} has the key {represented(key)[:60]}, which a config file cannot hold; "
                "a key is a text, a number or a tuple of them"
            )
        return text

    def _mapping(self, value: Mapping[Any, Any], path: str, depth: int) -> _Block:
        raw = _raw(value)
        keys = _ordered(value)
        called = "dict" not in self._hidden and all(
            type(key) is str and _is_name(key) for key in keys
        )
        parts = []
        for key in keys:
            prefix = f"{key}=" if called else f"{self._key(key, path)}: "
            at = key if type(key) is str else represented(key)
            parts.append((prefix, self.node(raw[key], f"{path}.{at}", depth + 1)))
        return _Block(("dict(", ")") if called else ("{", "}"), parts, self._width)

    def _values(
        self, values: Iterable[Any], brackets: tuple[str, str], *, path: str, depth: int
    ) -> _Block:
        parts = [("", self.node(item, f"{path}.{i}", depth + 1)) for i, item in enumerate(values)]
        return _Block(brackets, parts, self._width)

    def lines(self, node: str | _Block, indent: int, used: int) -> str:
        """Text of a node whose first line begins after ``used`` characters."""
        if isinstance(node, str):
            return node
        if node.flat is not None and used + len(node.flat) < self._width:
            return node.flat
        inner = indent + _STEP
        pad = " " * inner
        body = "".join(
            f"{pad}{prefix}{self.lines(part, inner, inner + len(prefix) + 1)},\n"
            for prefix, part in node.parts
        )
        return (
            f"{node.open}\n{body}{' ' * indent}{node.close}"
            if node.parts
            else node.open + node.close
        )


def _ordered(value: Mapping[Any, Any]) -> list[Any]:
    """Keys in the order of their names, what is no text last."""
    return sorted(value, key=_order)


def _order(key: Any) -> tuple[bool, str]:
    return (False, str(key)) if isinstance(key, str) else (True, represented(key))


def _raw(value: Mapping[Any, Any]) -> dict[Any, Any]:
    """The entries, with lazy objects as they are."""
    return dict(dict.items(value) if isinstance(value, dict) else value.items())


def _is_name(text: str) -> bool:
    if not text.isidentifier() or iskeyword(text):
        return False
    if text.isascii():
        return True
    from unicodedata import normalize  # large, and few names need it

    return normalize("NFKC", text) == text  # Python would read another name


def _integer(value: int) -> str:
    try:
        return int.__repr__(value)
    except ValueError:  # longer than Python writes, or reads, in decimal
        return hex(value)


def _text(value: str) -> str:
    """A text; one that would read as a template is put together from two."""
    if "{{" not in value:
        return repr(value)
    head, *rest = value.split("{{")
    parts = [
        repr(head + "{"),
        *(repr("{" + part + "{") for part in rest[:-1]),
        repr("{" + rest[-1]),
    ]
    return f"({' + '.join(parts)})"


def import_name(value: Any) -> str | None:
    """Return the dotted name by which a class or function is imported, None if it has none."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or not callable(value):
        return None
    try:
        found = attrgetter(name)(sys.modules[module])
    except (AttributeError, KeyError):  # made in a function, or by one
        return None
    return f"{module}.{name}" if found == value else None
