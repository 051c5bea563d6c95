"""Attributes that are worked out until somebody assigns them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

__all__ = ["overridable"]

T = TypeVar("T")


class overridable(Generic[T]):
    """A property whose value an assignment to the object replaces, and ``del`` brings back.

    MMEngine has plain attributes, which libraries' subclasses assign: what they assign counts.
    """

    def __init__(self, function: Callable[[Any], T]) -> None:
        self._function = function
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__

    @overload
    def __get__(self, instance: None, owner: type) -> overridable[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> overridable[T] | T:
        # No `__set__`: Python keeps what is assigned in the object, and finds it there first.
        return self if instance is None else self._function(instance)
