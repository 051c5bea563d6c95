"""How an element prints: its fields in order, elements inside elements indented."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import indent
from typing import Any

__all__ = ["describe"]

_STEP = 4


def describe(
    element: object, metainfo: Iterable[tuple[str, Any]], data: Iterable[tuple[str, Any]]
) -> str:
    """Return the text of ``element`` with one line or block for each field."""
    meta = "".join(_line(name, value) for name, value in metainfo)
    fields = "".join(_line(name, value) for name, value in data)
    body = f"\nMETA INFORMATION\n{meta}\nDATA FIELDS\n{fields}"
    return f"<{type(element).__name__}(\n{indent(body, ' ' * _STEP)}) at {id(element):#x}>"


def _line(name: str, value: Any) -> str:
    """Return ``name: value``; the lines of a long value stand below its first character."""
    first, *rest = repr(value).split("\n")
    pad = " " * (_STEP if first.startswith("<") else len(name) + 2)
    return "\n".join([f"{name}: {first}", *(pad + line if line else line for line in rest)]) + "\n"
