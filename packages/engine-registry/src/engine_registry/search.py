"""One lookup of a name: through scopes, parents, locations and plug-ins, noting what was tried."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from engine_registry.imports import import_dotted, import_registry_of, import_whole, layer_of_torch
from engine_registry.plugins import load_plugins, plugin_outcomes
from engine_registry.scope import split_scope_key
from engine_registry.trust import is_trusted, says_trusted, trust_of, trusting

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from typing import Any

    from engine_registry.name_table import Target
    from engine_registry.registry_like import RegistryLike


class Search:
    """Looks ``key`` up from ``registry``, and remembers where it was and what failed.

    Args:
        registry: where to begin.
        key: the name.
        anything: whether what an import path leads to may be no class or function.

    Attributes:
        searched: the registries whose tables were read.
        imported: modules and plug-ins that were imported for it.
        failures: what couldn't be imported, with the error.
        broken: locations among that, with the registry that wants them.
        refused: what wasn't imported since who named it is not trusted.
    """

    def __init__(self, registry: RegistryLike, key: str, *, anything: bool = False) -> None:
        self.registry = registry
        self.key = key
        self.anything = anything
        self.searched: list[RegistryLike] = []
        self.imported: list[str] = []
        self.failures: dict[str, Exception] = {}
        self.broken: dict[str, RegistryLike] = {}
        self.refused: list[str] = []

    def run(self) -> Any:
        """Return what is registered, or what stands at the import path ``key``; else None.

        Raises:
            Exception: that of a location that couldn't be imported, if nothing was found.
        """
        with trusting(trust_of(self.key)):
            found = self._run()
        if found is None and self.broken:
            location, owner = next(iter(self.broken.items()))
            error = self.failures[location]
            error.add_note(
                f"while importing {location!r}, a location of the {owner.name} registry of scope "
                f"{owner.scope!r}, in search of {self.key!r}"
            )
            raise error
        return found

    def _run(self) -> Any:
        found: Any = self._named(self.registry, self.key)
        if found is None:
            found = self._after_scope_import()
        if found is None:
            found = self._after_plugins()
        if found is None and "." in self.key and not is_trusted():
            found = self._attempt(self.key, lambda: layer_of_torch(self.key))
            if found is None:
                self.refused.append(self.key)
        elif found is None and "." in self.key:
            found = self._attempt(self.key, lambda: import_dotted(self.key))
            found = found if self.anything or callable(found) else None
        return found

    def _after_scope_import(self) -> Target | None:
        """Try again with the registries of a scope that nobody has imported yet."""
        scope, _ = split_scope_key(self.key)
        if not scope or self.registry.in_scope(scope) is not None:
            return None
        return self._named(self.registry, self.key) if self._import_scope(scope) else None

    def registry_of(self, scope: str) -> RegistryLike | None:
        """The tree's registry of ``scope``, after importing what may make it."""
        found = self.registry.in_scope(scope)
        if found is None and self._import_scope(scope):
            found = self.registry.in_scope(scope)
        if found is None:
            load_plugins()
            found = self.registry.in_scope(scope)
        return found

    def _import_scope(self, scope: str) -> bool:
        """Import the module in which the library ``scope`` makes its registries, if it has one."""
        if not is_trusted() or not says_trusted(scope):
            if f"{scope}.registry" not in sys.modules:
                self.refused.append(f"{scope}.registry")
            return False
        module = self._attempt(f"{scope}.registry", lambda: import_registry_of(scope))
        if module is not None:
            self.imported.append(module)
        return module is not None

    def _after_plugins(self) -> Target | None:
        """Try again with the plug-ins; another thread may have loaded them just now."""
        load_plugins()
        for label, error in plugin_outcomes().items():
            if error is None:
                self.imported.append(f"plug-in {label.partition(' of ')[0]}")
            else:
                self.failures[f"plug-in {label}"] = error
        return self._named(self.registry, self.key)

    def _named(self, registry: RegistryLike, key: str) -> Target | None:
        """What ``key`` means to ``registry``: its own name, or a scope and a name."""
        scope, name = split_scope_key(key)
        if scope is None:
            return self._upwards(registry, key)
        found = registry.held(key)  # names may have dots
        owner = registry.in_scope(scope)
        if found is None and owner is not None:
            found = self._named(owner, name)
        return found

    def _upwards(self, registry: RegistryLike, name: str) -> Target | None:
        """Look in ``registry``, then in its parent, and so on to the root."""
        level: RegistryLike | None = registry
        while level is not None:
            found = self._at(level, name)
            if found is not None:
                return found
            level = level.parent
        return None

    def _at(self, registry: RegistryLike, name: str) -> Target | None:
        """What ``registry`` itself holds, after importing its locations if need be."""
        if not any(seen is registry for seen in self.searched):
            self.searched.append(registry)
        found = registry.held(name)
        if found is None:
            for location in registry.missing_locations():
                if self._attempt(location, partial(import_whole, location)) is not None:
                    registry.mark_imported(location)
                    self.imported.append(location)
                else:
                    self.broken.setdefault(location, registry)
            found = registry.held(name)
        return found

    def _attempt(self, what: str, action: Callable[[], Any]) -> Any:
        """Result of ``action``, or None after noting its error."""
        try:
            return action()
        except Exception as error:
            self.failures[what] = error
            return None
