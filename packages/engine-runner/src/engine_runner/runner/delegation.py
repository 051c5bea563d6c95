"""Delegation: methods and attributes of an object that belong to one of its parts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

__all__ = ["delegated", "forwarded"]

P = ParamSpec("P")
T = TypeVar("T")


def delegated(
    part: str, method: Callable[Concatenate[Any, P], T]
) -> Callable[Concatenate[Any, P], T]:
    """Return a method that calls the same one of a part; signature and docstring are the part's.

    Args:
        part: the attribute that holds the part.
        method: the function of the part's class.
    """

    @wraps(method)
    def call(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return method(getattr(self, part), *args, **kwargs)

    return call


def forwarded(part: str, name: str, doc: str | None = None) -> Any:
    """Return a property that reads and assigns an attribute of a part.

    Args:
        part: the attribute that holds the part.
        name: the part's attribute.
        doc: what it is, in a sentence.
    """

    def get(self: Any) -> Any:
        return getattr(getattr(self, part), name)

    def put(self: Any, value: Any) -> None:
        setattr(getattr(self, part), name, value)

    return property(get, put, doc=doc)
