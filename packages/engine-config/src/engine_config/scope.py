"""Scope: names of a config and their values, looked up from the inside out."""

from __future__ import annotations

from typing import Any

__all__ = ["MISSING", "Scope"]

MISSING = object()


class Scope:
    """Names and their values; what is not found here is looked for outside."""

    __slots__ = ("names", "outer")

    def __init__(self, names: dict[str, Any], outer: Scope | None = None) -> None:
        self.names = names
        self.outer = outer

    def find(self, name: str) -> Any:
        """The value of ``name``, or a marker of this module's if there is none."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return MISSING

    def known(self) -> list[str]:
        """All names, of the outer scopes too."""
        return [*self.names, *(self.outer.known() if self.outer else [])]
