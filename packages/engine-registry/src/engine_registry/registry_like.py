"""Registry protocol: what lookups, their errors and builds see of a registry.

For type checkers alone: nothing imports it when a program runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from engine_registry.name_table import Target

__all__ = ["RegistryLike"]


class RegistryLike(Protocol):
    """A registry as those see it that it calls itself."""

    @property
    def name(self) -> str:
        """The kind of what is registered."""

    @property
    def scope(self) -> str:
        """The scope of the library that it belongs to."""

    @property
    def names(self) -> list[str]:
        """The names registered there."""

    @property
    def parent(self) -> RegistryLike | None:
        """The registry above it."""

    @property
    def root(self) -> RegistryLike:
        """The registry at the top of the tree."""

    @property
    def children(self) -> Mapping[str, RegistryLike]:
        """The registries below it."""

    def __len__(self) -> int: ...

    def held(self, name: str) -> Target | None:
        """What it holds itself under a name."""

    def get(self, key: str) -> Target | None:
        """What a name stands for, or None."""

    def resolve(self, key: str) -> Target:
        """What a name stands for."""

    def in_scope(self, scope: str) -> RegistryLike | None:
        """The tree's registry of a scope."""

    def missing_locations(self) -> list[str]:
        """The modules to import when a name is missed."""

    def mark_imported(self, location: str) -> None:
        """Note that one of them was imported."""
