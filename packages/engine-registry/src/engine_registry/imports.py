"""Imports that registries make: by name, leaving nothing behind when they fail.

A module that fails half-way may have registered some of its classes. They are taken back, so a
later import of the module, which runs it anew, doesn't find its own names taken. No lock of ours
is held while a module runs: Python's own import locks make threads wait for one another, and know
how to avoid a deadlock.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from typing import Any


TakeBack = Callable[[], None]


class _Journals(threading.local):
    """What this thread's unfinished imports have registered, innermost last."""

    def __init__(self) -> None:
        self.open: list[list[tuple[dict[str, Any], TakeBack]]] = []


_journals = _Journals()


def note_registration(maker: dict[str, Any], take_back: TakeBack) -> None:
    """Remember that the module with globals ``maker`` has registered something."""
    if _journals.open:
        _journals.open[-1].append((maker, take_back))


def is_alive(maker: dict[str, Any]) -> bool:
    """Whether ``maker`` is the globals of a module that Python still knows."""
    module = sys.modules.get(maker.get("__name__", ""))
    return module is not None and vars(module) is maker


def import_whole(name: str) -> ModuleType:
    """Import ``name``; if it fails, take back what the failed modules have registered."""
    journal: list[tuple[dict[str, Any], TakeBack]] = []
    _journals.open.append(journal)
    try:
        return import_module(name)
    except BaseException:
        for maker, take_back in reversed(journal):
            if not is_alive(maker):  # modules that it imported and that succeeded stay
                take_back()
        raise
    finally:
        _journals.open.pop()
        if _journals.open:
            _journals.open[-1].extend(journal)


def import_entry(path: str) -> Any:
    """Return what ``"package.module:name"`` stands for; ``name`` may have dots.

    Raises:
        ImportError: the module has no such name. Errors of the import itself pass unchanged.
    """
    module_name, _, name = path.partition(":")
    target: Any = import_whole(module_name)
    for part in name.split("."):
        try:
            target = getattr(target, part)
        except AttributeError as error:
            raise ImportError(f"{module_name!r} has no {name!r}, asked for as {path!r}") from error
    return target


def import_dotted(path: str) -> Any:
    """Return what stands at ``"package.module.name"``, or None if there is nothing.

    Errors of an import pass unchanged, except that of a module which doesn't exist.
    """
    first, *rest = path.split(".")
    if not all(part.isidentifier() for part in (first, *rest)):
        return None
    target: Any = _module_if_any(first)
    reached = first
    for part in rest:
        reached = f"{reached}.{part}"
        found = getattr(target, part, None)
        if found is None and isinstance(target, ModuleType):
            found = _module_if_any(reached)
        if found is None:
            return None
        target = found
    return target


def layer_of_torch(path: str) -> Callable[..., Any] | None:
    """Return the layer at ``"torch.nn.Name"``, or None if there is none.

    It is what a stranger's config may name by an import path: it computes, and no more.
    """
    package, _, name = path.rpartition(".")
    if package != "torch.nn":
        return None
    module = _module_if_any(package)
    found = getattr(module, name, None)
    layer = getattr(module, "Module", None)
    if isinstance(found, type) and isinstance(layer, type) and issubclass(found, layer):
        return found
    return None


def import_registry_of(scope: str) -> str | None:
    """Import ``scope``'s module ``registry``, where a library makes its registries.

    Returns:
        The module's name, or None if there is no such package or module.
    """
    name = f"{scope}.registry"
    if not scope.isidentifier() or _module_if_any(scope) is None or _module_if_any(name) is None:
        return None
    return name


def _module_if_any(name: str) -> ModuleType | None:
    """The module called ``name``, or None if it is ``name`` itself that doesn't exist."""
    try:
        return import_whole(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            return None
        raise
