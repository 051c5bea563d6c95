"""Global instances that are found by name."""

from __future__ import annotations

import threading

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from typing import Any, Self


def _constructor_parameters(cls: type) -> tuple[str, ...]:
    """Names that a class's ``__init__`` takes, without the price of importing `inspect`."""
    function: Any = next(vars(base)["__init__"] for base in cls.__mro__ if "__init__" in vars(base))
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    if code is None:  # written in C: nothing can be said, so nothing is held against it
        return ("name",)
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return names


class ManagerMeta(type):
    """Gives every class instances of its own, and sees that they can be named.

    Raises:
        TypeError: the class's ``__init__`` takes no ``name``.
    """

    _instance_dict: dict[str, Any]
    _creating: threading.RLock

    def __init__(cls, *args: Any) -> None:
        cls._instance_dict = {}  # in order of creation: the last is the current one
        cls._creating = threading.RLock()
        if "name" not in _constructor_parameters(cls):
            raise TypeError(f"{cls.__name__}.__init__ must take an argument called 'name'")
        super().__init__(*args)


class ManagerMixin(metaclass=ManagerMeta):
    """A class whose instances are global and are asked for by name.

    Subclasses take ``name`` and hand it on: ``super().__init__(name)``. An instance made by
    calling the class is an ordinary object; only `get_instance` makes global ones.

    Raises:
        TypeError: ``name`` is not a string.
        ValueError: ``name`` is empty.
    """

    def __init__(self, name: str = "", **kwargs: Any) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{type(self).__name__}: the name must be a str, got {name!r}")
        if not name:
            raise ValueError(f"{type(self).__name__}: the name must not be empty")
        self._instance_name = name

    @classmethod
    def get_instance(cls, name: str, **kwargs: Any) -> Self:
        """Return the instance called ``name``, made from ``kwargs`` if there is none yet.

        Threads that ask for the same name at the same time get the same instance. A constructor
        that fails leaves nothing behind.

        Raises:
            TypeError: ``name`` is not a string.
        """
        if not isinstance(name, str):
            raise TypeError(f"{cls.__name__}: the name must be a str, got {name!r}")
        found: Self | None = cls._instance_dict.get(name)
        if found is None:
            with cls._creating:
                found = cls._instance_dict.get(name)
                if found is None:
                    found = cls(name=name, **kwargs)
                    cls._instance_dict[name] = found
        return found

    @classmethod
    def get_current_instance(cls) -> Any:
        """Return the instance that was made last.

        Raises:
            RuntimeError: there is none.
        """
        instances = list(cls._instance_dict.values())
        if not instances:
            raise RuntimeError(
                f"there is no {cls.__name__} yet; make one with {cls.__name__}.get_instance(name)"
            )
        return instances[-1]

    @classmethod
    def check_instance_created(cls, name: str) -> bool:
        """Whether there is a global instance called ``name``."""
        return name in cls._instance_dict

    @property
    def instance_name(self) -> str:
        """The name it was made with."""
        return self._instance_name
