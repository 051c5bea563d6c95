"""What one registry holds itself: objects, and lazy entries that become objects when used."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence

from engine_registry.errors import TakenNameError
from engine_registry.imports import import_entry, is_alive, note_registration
from engine_registry.name_table import NameTable
from engine_registry.plugins import is_loading

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from typing import Any

    from engine_registry.name_table import Target


_changing = threading.Lock()  # held for a few dict operations; never while foreign code runs


class Entries:
    """Names and what they stand for.

    Attributes:
        owner: the registry, in words, for messages.
        table: the objects.
        lazy: import paths, ``"package.module:name"``, of what has not been asked for yet.
    """

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.table = NameTable()
        self.lazy: dict[str, str] = {}
        self._makers: dict[str, dict[str, Any]] = {}  # globals of the module that registered it

    def names(self) -> list[str]:
        """All names, lazy ones too, without importing anything."""
        return [*self.table, *(name for name in self.lazy.copy() if name not in self.table)]

    def held(self, name: str) -> Target | None:
        """What ``name`` stands for, or None; imports a lazy entry.

        An error of that import passes unchanged, with a note that says what was imported.
        """
        found = self.table.get(name)
        path = self.lazy.get(name)
        if found is not None or path is None:
            return found
        try:
            target: Target = import_entry(path)
        except Exception as error:
            error.add_note(f"while importing {name!r} for {self.owner} from {path}")
            raise
        with _changing:  # its module may have registered it, or another thread may have been here
            self.lazy.pop(name, None)
            found = self.table.get(name)
            if found is None:
                found = self.table[name] = target
        return found

    def add(self, module: Any, names: Sequence[str], *, force: bool) -> None:
        """Register ``module`` under all of ``names`` or, if one is taken, under none.

        A lazy entry that nobody has asked for yet gives way: which of the two came first depends
        on when a plug-in was loaded, and the outcome should not.

        Raises:
            TakenNameError: another object has one of the names, and ``force`` is false.
        """
        maker = caller_globals()
        with _changing:
            for name in names:
                if not force and not self._is_free(name, module, maker):
                    raise TakenNameError(
                        f"{name!r} is already registered in {self.owner}, by "
                        f"{self._holder(name)}; got {module!r}. Choose another name, or replace "
                        f"it with force=True"
                    )
            for name in names:
                self.table[name] = module
                self._makers[name] = maker
                self.lazy.pop(name, None)
        note_registration(maker, lambda: self._take_back(names, module))

    def add_lazy(self, name: str, path: str) -> None:
        """Let ``name`` stand for what is at ``path``, unless it stands for an object already."""
        with _changing:
            if name in self.table:
                return
            self.lazy[name] = path
        note_registration(caller_globals(), lambda: self._take_back_lazy(name, path))

    def _is_free(self, name: str, module: Any, maker: dict[str, Any]) -> bool:
        """Whether ``module`` may have ``name``."""
        if name not in self.table:
            return True  # a lazy entry gives way, as it does to who came before it
        if is_loading() and self.table[name] is module:
            return True
        # A module that failed to import and now runs anew meets the names of its former self.
        former = self._makers.get(name, {})
        return (
            former is not maker
            and former.get("__name__") == maker.get("__name__")
            and not is_alive(former)
        )

    def _holder(self, name: str) -> str:
        """What holds ``name``, with its module."""
        module: Any = self.table[name]
        return f"{module!r} of {module.__module__}"

    def _take_back(self, names: Sequence[str], module: Any) -> None:
        """Forget ``names`` where they still stand for ``module``."""
        with _changing:
            for name in names:
                if self.table.get(name) is module:
                    del self.table[name]

    def _take_back_lazy(self, name: str, path: str) -> None:
        """Forget the lazy entry of ``name`` if it is still the one with ``path``."""
        with _changing:
            if self.lazy.get(name) == path:
                del self.lazy[name]


def caller_globals() -> dict[str, Any]:
    """Globals of the nearest code outside this package."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__package__") == __package__:
        frame = frame.f_back
    return frame.f_globals


def checked_names(name: Any) -> list[str] | None:
    """Return ``name`` as a list; None stays None.

    Raises:
        TypeError: it is neither text nor a list of texts.
    """
    names = [name] if isinstance(name, str) else name
    if names is None:
        return None
    if not isinstance(names, list | tuple) or not all(isinstance(each, str) for each in names):
        raise TypeError(f"name must be a str, a list of str or None, got {name!r}")
    return list(names)


def own_name(module: Any) -> str:
    """Return ``module.__name__``.

    Raises:
        TypeError: it has none.
    """
    name = getattr(module, "__name__", None)
    if not isinstance(name, str):
        raise TypeError(f"{module!r} has no name of its own: say register_module(name=...)")
    return name
