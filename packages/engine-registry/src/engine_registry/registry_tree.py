"""Registry tree: registries of one kind by scope, the root at the top, libraries' below it."""

from __future__ import annotations

from engine_registry.name_table import names_changed
from engine_registry.scope import real_scope, shown_scope

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from typing import Self

__all__ = ["RegistryTree"]


class RegistryTree:
    """A registry's place in the tree of its kind.

    Attributes:
        parent: the registry above, or None; nobody sets it later.
    """

    parent: Self | None

    def __init__(self, scope: str) -> None:
        """Begin without parent and children.

        Args:
            scope: the real name of the scope.
        """
        self.parent = None
        self._scope = scope
        self._children: dict[str, Self] = {}

    def _join(self, parent: Self | None) -> None:
        """Become a child of a registry, unless that is None."""
        self.parent = parent
        if parent is None:
            return
        if parent._children.setdefault(self._scope, self) is not self:
            raise ValueError(f"{parent!r} has a child of scope {self.scope!r} already")
        names_changed()

    @property
    def scope(self) -> str:
        """The scope of the library that this registry belongs to."""
        return shown_scope(self._scope)

    @property
    def children(self) -> dict[str, Self]:
        """The registries below this one, by scope."""
        return self._children

    @property
    def root(self) -> Self:
        """The registry at the top of the tree."""
        return self if self.parent is None else self.parent.root

    def in_scope(self, scope: str) -> Self | None:
        """The registry of ``scope``: this one, one below it, or one anywhere in the tree."""
        scope = real_scope(scope)
        below = self._search_child(scope)
        return self.root._search_child(scope) if below is None else below

    def _search_child(self, scope: str) -> Self | None:
        """This registry or the nearest one under it of a scope; libraries call this name, too."""
        level = [self]
        while level:
            for registry in level:
                if registry._scope == scope:
                    return registry
            level = [child for registry in level for child in registry._children.values()]
        return None

    def _get_root_registry(self) -> Self:  # by the name that libraries call
        return self.root
