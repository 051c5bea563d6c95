"""The registry: classes and functions by name, in a tree of scopes."""

from __future__ import annotations

import sys
from contextlib import contextmanager

from engine_registry.build import build_from_cfg
from engine_registry.entries import Entries, caller_globals, checked_names, own_name
from engine_registry.imports import import_whole
from engine_registry.log import logger
from engine_registry.lookup_error import log_failures, log_left_out, unknown_name
from engine_registry.name_table import state_of_names
from engine_registry.registry_tree import RegistryTree
from engine_registry.scope import (
    DefaultScope,
    current_scope_name,
    real_scope,
    split_scope_key,
)
from engine_registry.search import Search
from engine_registry.trust import check_reach, is_trusted, trust_of, trusting

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from engine_registry.name_table import Target

    # The state of all names that it holds for, and what (default scope, name) stands for in it.
    _Cache = tuple[object, dict[tuple[str | None, str], Target]]


_strange_scopes: set[str] = set()  # default scopes in which somebody looked for nothing


class Registry(RegistryTree):
    """Classes and functions of one kind, found by name and built from configs.

    Registries of one kind form a tree. The root belongs to the foundation, its children to the
    libraries, each with a scope of its own; a name that a registry doesn't hold is looked up in
    its parents, and ``"scope.name"`` reaches any registry of the tree.

    Args:
        name: the kind of what is registered, such as ``"model"``.
        build_func: builds from a config, called as ``build_func(cfg, ..., registry=self)``; by
            default the parent's, or `build_from_cfg`.
        parent: where to look up what isn't held here.
        scope: the scope of this registry; by default the top-level package of the caller.
        locations: modules that are imported when a name is missed, because they register.

    Raises:
        TypeError: an argument is of the wrong type.
        ValueError: the parent has a child of this scope already.
    """

    def __init__(
        self,
        name: str,
        build_func: Callable[..., Any] | None = None,
        parent: Registry | None = None,
        scope: str | None = None,
        locations: Sequence[str] = (),
    ) -> None:
        if not isinstance(parent, Registry | None):
            raise TypeError(f"parent must be a Registry or None, got {parent!r}")
        if not isinstance(scope, str | None):
            raise TypeError(f"scope must be a str or None, got {scope!r}")
        if isinstance(locations, str):
            raise TypeError(f"locations must be a list of module names, got the str {locations!r}")
        self._name = name
        RegistryTree.__init__(self, self.infer_scope() if scope is None else real_scope(scope))
        self._entries = Entries(f"the {name} registry of scope {self.scope!r}")
        self._module_dict = self._entries.table
        self._locations = tuple(locations)
        self._imported_locations: set[str] = set()
        self._resolved: _Cache = (None, {})
        self._join(parent)
        self.build_func: Callable[..., Any] = build_func or (
            build_from_cfg if parent is None else parent.build_func
        )

    @staticmethod
    def infer_scope() -> str:
        """The top-level package of the code that called into this package."""
        return str(caller_globals().get("__name__", "")).partition(".")[0]

    @staticmethod
    def split_scope_key(key: str) -> tuple[str | None, str]:
        """Split ``"mmdet.ResNet"`` into ``("mmdet", "ResNet")``; without a dot, scope is None."""
        return split_scope_key(key)

    @property
    def name(self) -> str:
        """The kind of what is registered."""
        return self._name

    @property
    def module_dict(self) -> dict[str, Target]:
        """All that is registered here, by name; imports what was registered lazily.

        A lazy entry that cannot be imported is left out. The log says why, once: `log_left_out`.
        """
        for name in list(self._entries.lazy):
            try:
                self.held(name)
            except Exception as error:
                log_left_out(self.name, name, error)
        return self._module_dict

    @property
    def names(self) -> list[str]:
        """The names registered here, lazy ones too, without importing anything."""
        return self._entries.names()

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, key: str) -> bool:
        return key in self._entries.names() or self.get(key) is not None

    def __repr__(self) -> str:
        return f"<Registry {self.name!r} of scope {self.scope!r}: {len(self)} names>"

    def __str__(self) -> str:
        width = max(map(len, shown := {**self._entries.lazy, **self._module_dict}), default=0)
        return "\n".join([repr(self), *(f"  {n:<{width}}  {shown[n]}" for n in sorted(shown))])

    def register_module(
        self,
        name: str | list[str] | None = None,
        force: bool = False,
        module: Any = None,
    ) -> Any:
        """Register a class or function, as a decorator or by a call.

        ``@R.register_module()``, ``@R.register_module("other")``,
        ``@R.register_module(["a", "b"])`` and ``R.register_module(module=Class)`` all work.

        Args:
            name: the name or names to use instead of its own.
            force: replace what holds the name now.
            module: the class or function; None makes a decorator.

        Returns:
            ``module``, or the decorator.

        Raises:
            TypeError: an argument is of the wrong type, or ``module`` has no name of its own.
            TakenNameError: another object has one of the names; none is registered then.
        """
        if not isinstance(force, bool):
            raise TypeError(f"force must be a bool, got {force!r}")
        names = checked_names(name)

        def register(module: Any) -> Any:
            if not callable(module):
                raise TypeError(f"only a class or a callable can be registered, got {module!r}")
            self._entries.add(module, names or [own_name(module)], force=force)
            return module

        return register if module is None else register(module)

    def _register_module(
        self, module: Any, module_name: str | list[str] | None = None, force: bool = False
    ) -> None:
        """Register a class or function; libraries for MMEngine call this name."""
        self.register_module(module_name, force, module)

    def register_lazy(self, name: str, path: str) -> None:
        """Let ``name`` stand for ``"package.module:attribute"``, imported when it is asked for.

        A name that is held already stays with its holder: whoever registered it without waiting
        for the lazy entry wanted it so.

        Raises:
            ValueError: ``path`` has no colon.
        """
        if ":" not in path:
            raise ValueError(f"a lazy entry needs 'package.module:name', got {path!r} for {name!r}")
        self._entries.add_lazy(name, path)

    def get(self, key: str) -> Target | None:
        """Return what ``key`` stands for, or None.

        ``key`` is a name of this registry or of its parents, ``"scope.name"`` for one elsewhere
        in the tree, or the import path of anything, a module too. If something that might have
        held it could not be imported, the log says so, once. The import error of a lazy entry,
        whose name is known, passes, and that of one of the ``locations`` if nothing is found.

        Raises:
            TypeError: ``key`` is not a string.
        """
        if not isinstance(key, str):
            raise TypeError(f"names in the {self.name} registry are str, got {key!r}")
        search = Search(self, key, anything=True)
        found: Target | None = search.run()
        if found is None:
            log_failures(search)
        return found

    def resolve(self, key: str) -> Target:
        """Return what ``key`` stands for in the default scope; this is what `build` uses.

        Raises:
            UnknownNameError: nothing; the message tells where it was looked for, and what to do.
        """
        if type(key) is not str:  # it may say that it is a stranger's
            with trusting(trust_of(key)):
                return self.resolve(str(key))
        scope = current_scope_name()
        state = state_of_names()
        if self._resolved[0] is not state:
            self._resolved = (state, {})
        known = self._resolved[1] if is_trusted() else {}  # nor what trust has let it resolve
        found = known.get((scope, key))
        if found is None:
            search = Search(self, key)
            search.registry = self._for_scope(scope, search)
            found = search.run()
            if found is None:
                raise unknown_name(search)
            known[scope, key] = check_reach(found, self.name)
        return found

    def build(self, cfg: Any, *args: Any, trust: bool | None = None, **kwargs: Any) -> Any:
        """Build what ``cfg`` describes, by this registry's build function.

        Args:
            cfg: the config.
            args: for the build function, as ``kwargs`` are.
            trust: whether import paths are followed, here and in what is built in turn; by
                default unless the config was read without trust.

        Examples:
            >>> MODELS = Registry("model", scope="example")
            >>> @MODELS.register_module()
            ... class Linear:
            ...     def __init__(self, width):
            ...         self.width = width
            >>> MODELS.build(dict(type="Linear", width=3)).width
            3
        """
        if trust is None:  # nothing changes
            return self.build_func(cfg, *args, **kwargs, registry=self)
        with trusting(trust):
            return self.build_func(cfg, *args, **kwargs, registry=self)

    @contextmanager
    def switch_scope_and_registry(self, scope: str | None) -> Iterator[Registry]:
        """Put ``scope`` in force for a while, and yield the tree's registry of that scope.

        With None, it is the registry of the scope in force. If the tree has none, the log warns
        once and this registry takes its place.
        """
        with DefaultScope.overwrite_default_scope(scope):
            yield self._for_scope(current_scope_name(), Search(self, ""))

    def import_from_location(self) -> None:
        """Import the locations that haven't been; the error of one that fails passes unchanged."""
        for location in self.missing_locations():
            import_whole(location)
            self.mark_imported(location)

    def missing_locations(self) -> list[str]:
        """The locations not imported yet, or not with success."""
        return [
            each
            for each in self._locations
            if each not in self._imported_locations or each not in sys.modules
        ]

    def mark_imported(self, location: str) -> None:
        """Note that ``location`` need not be imported again."""
        self._imported_locations.add(location)

    def held(self, name: str) -> Target | None:
        """What this very registry holds under ``name``, or None; imports a lazy entry.

        An error of that import passes unchanged, with a note that says what was imported.
        """
        return self._entries.held(name)

    def _for_scope(self, scope: str | None, search: Search) -> Registry:
        """The registry in which the default scope wants plain names looked up."""
        if scope is None:
            return self
        found = search.registry_of(scope)
        if found is None and scope not in _strange_scopes:
            _strange_scopes.add(scope)  # a library's that has no registry of many kinds: told once
            logger().warning(
                "no %s registry has the default scope %r: names are looked up in %r",
                *(self.name, scope, self.scope),
            )
        return found if isinstance(found, Registry) else self
