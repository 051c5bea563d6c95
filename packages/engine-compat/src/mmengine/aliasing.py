"""What every module of `mmengine` is: names of our packages, which stay the same names.

A module becomes an `AliasModule` when it is bound in its parent, at the end of its import. Three
things are then different from other modules:

* A submodule is imported when it is asked for: ``import mmengine`` is enough for
  ``mmengine.runner.checkpoint``, and costs nothing.
* So is a name that its ``ON_DEMAND`` says the home of: for what is long to import, or optional;
  and one that MMEngine's module has only since it imports it, as `reexported` knows.
* A name that is set, as ``unittest.mock.patch("mmengine.dist.get_rank")`` sets it, is set wherever
  our packages hold the same object under the same name, so that their code sees it too.

What setting a name can't reach: an object under another name (``import ... as``), in a closure, a
default value, a table or a registry; and the modules of other people.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from mmengine.conflict import warn_of_the_original
from mmengine.naming import show_our_names
from mmengine.reexported import reexported

_OURS: Final = ("engine_", "mmengine")
_ABSENT: Final = object()


class AliasModule(ModuleType):
    """A module whose names are those of other modules: set in one, they are set in all."""

    def __getattr__(self, name: str) -> Any:
        own = f"{self.__name__}.{name}"
        known: Mapping[str, str] = vars(self).get("ON_DEMAND", {})
        if not name.startswith("__") and name not in self._deleted():
            try:
                if name not in known:
                    return import_module(own)
                vars(self)[name] = value = getattr(import_module(known[name]), name)
                return value
            except ModuleNotFoundError as error:
                if error.name not in (own, known.get(name)):
                    raise
            vars(self)[name] = value = reexported(self.__name__, name)
            return value
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType):
            self._adopt(value)
        elif not name.startswith("__"):
            deleted = self._deleted()
            old = deleted.pop(name) if name in deleted else getattr(self, name, _ABSENT)
            _replace(name, old, value)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        old = vars(self).get(name, _ABSENT)
        super().__delattr__(name)
        self._deleted()[name] = old

    def _deleted(self) -> dict[str, Any]:
        """What names were that have been deleted, as `patch` does before it sets them anew."""
        found: dict[str, Any] = vars(self).setdefault("__deleted__", {})
        return found

    def _adopt(self, module: ModuleType) -> None:
        """Make an own submodule, which has just been imported, one of these too."""
        if module.__name__.startswith(f"{self.__name__}.") and type(module) is ModuleType:
            module.__class__ = AliasModule
            below = f"{module.__name__}."
            for name, each in [*sys.modules.items()]:  # imported before it was one of these itself
                if name.startswith(below) and isinstance(each, ModuleType):
                    self._adopt(each)
            if hasattr(module, "__path__"):  # a package of names; the files beside it have none
                show_our_names()


def _replace(name: str, old: Any, value: Any) -> None:
    """Set ``name`` in every loaded module of ours where it is ``old``."""
    if old is _ABSENT or old is value:
        return
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith(_OURS) and isinstance(module, ModuleType):
            names = vars(module)
            if names.get(name, _ABSENT) is old:
                names[name] = value


def alias(root: str) -> None:
    """Make ``root``, which is being imported, an `AliasModule`, as its submodules will be."""
    sys.modules[root].__class__ = AliasModule
    warn_of_the_original(root)
