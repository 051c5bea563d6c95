"""Tables of names, and a sign by which caches of lookups notice that a table has changed."""

from __future__ import annotations

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Target = Callable[..., Any]  # what can be registered

# A fresh object per change: comparing by identity is one instruction, and needs no lock.
_state = [object()]


def state_of_names() -> object:
    """An object that is another one after every change of any table, child or alias."""
    return _state[0]


def names_changed() -> None:
    """Make every cached lookup stale. Call it after the change, never before."""
    _state[0] = object()


class NameTable(dict[str, "Target"]):
    """A dict of registered objects; changing it makes cached lookups stale."""

    def __setitem__(self, name: str, target: Target) -> None:
        super().__setitem__(name, target)
        names_changed()

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        names_changed()

    def pop(self, name: str, *default: Any) -> Any:
        """Remove a name and return what it stood for, like `dict.pop`."""
        target = super().pop(name, *default)
        names_changed()
        return target

    def popitem(self) -> tuple[str, Target]:
        """Remove the name added last, like `dict.popitem`."""
        item = super().popitem()
        names_changed()
        return item

    def clear(self) -> None:
        """Remove all names."""
        super().clear()
        names_changed()

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Add many names at once, like `dict.update`."""
        super().update(*args, **kwargs)
        names_changed()

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return what a name stands for, adding ``default`` if it stands for nothing."""
        target = super().setdefault(name, default)
        names_changed()
        return target
