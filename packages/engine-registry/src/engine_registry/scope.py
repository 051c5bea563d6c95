"""Scopes: whose names are meant when a config doesn't say.

A library registers under its own scope (``mmdet``), and a default scope says which one a plain
name is looked up in first. The scope of our own root registries is ``engine``; it also answers
to ``mmengine``, which existing configs say.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar

from engine_registry.log import logger
from engine_registry.manager import ManagerMixin
from engine_registry.name_table import names_changed

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT_SCOPE = "engine"

# The one place where a scope has a second name, and where the name shown to people is chosen.
_real_names = {"mmengine": ROOT_SCOPE}
_shown_names: dict[str, str] = {}


def alias_scope(alias: str, scope: str, *, show: bool = False) -> None:
    """Let ``alias`` mean ``scope`` wherever a scope is named.

    Args:
        alias: the further name.
        scope: a scope that registries have.
        show: also show ``alias`` in its place: in `Registry.scope`, `DefaultScope.scope_name` and
            messages. Without it the scope is shown by its own name again.
    """
    _real_names[alias] = scope
    if show:
        _shown_names[scope] = alias
    elif _shown_names.get(scope) == alias:
        del _shown_names[scope]
    names_changed()


def real_scope(name: str) -> str:
    """The scope that ``name`` stands for: itself, unless it is an alias."""
    return _real_names.get(name, name)


def shown_scope(scope: str) -> str:
    """How ``scope`` is shown to people."""
    return _shown_names.get(scope, scope)


def split_scope_key(key: str) -> tuple[str | None, str]:
    """Split ``"mmdet.ResNet"`` into ``("mmdet", "ResNet")``; without a dot the scope is None."""
    scope, dot, name = key.partition(".")
    return (scope, name) if dot else (None, key)


class DefaultScope(ManagerMixin):
    """A scope that plain names are looked up in first; the one made last is in force.

    Raises:
        TypeError: ``scope_name`` is not a string.
    """

    def __init__(self, name: str, scope_name: str) -> None:
        super().__init__(name)
        if not isinstance(scope_name, str):
            raise TypeError(f"scope_name must be a str, got {scope_name!r}")
        self._scope_name = scope_name

    @property
    def scope_name(self) -> str:
        """The scope itself, such as ``"mmdet"``, as it is shown."""
        return shown_scope(self._scope_name)

    @classmethod
    def get_current_instance(cls) -> DefaultScope | None:
        """Return the scope in force here: the innermost override, else the one made last."""
        override = _override.get()
        if override is not None:
            return override
        instances = cls._instance_dict
        return list(instances.values())[-1] if instances else None

    @classmethod
    @contextmanager
    def overwrite_default_scope(cls, scope_name: str | None) -> Iterator[None]:
        """Put ``scope_name`` in force for a while; None leaves the scope as it is.

        It holds for this thread (or asynchronous task) alone: builds elsewhere keep their scope.
        """
        if scope_name is None:
            yield
            return
        token = _override.set(cls(f"overwrite-{time.time()}", scope_name))
        try:
            yield
        finally:
            _override.reset(token)


_override: ContextVar[DefaultScope | None] = ContextVar("default scope", default=None)


def current_scope_name() -> str | None:
    """Name of the scope in force, or None."""
    current = DefaultScope.get_current_instance()
    return None if current is None else current.scope_name


def init_default_scope(scope: str) -> None:
    """Put ``scope`` in force for the whole process, whatever was before.

    Raises:
        TypeError: ``scope`` is not a string.
    """
    if current_scope_name() == scope:
        return
    name = scope
    if DefaultScope.check_instance_created(scope):
        # The instance of that name is not the current one: only a new one can be.
        name = f"{scope}-{time.time_ns()}"
        logger().warning("the default scope changes from %r to %r", current_scope_name(), scope)
    DefaultScope.get_instance(name, scope_name=scope)
