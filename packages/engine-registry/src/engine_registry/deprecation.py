"""Names that go: they work for a while, and say what to use instead."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["deprecated"]

T = TypeVar("T", bound=Callable[..., Any])


def deprecated(*, since: str, removed_in: str, instead: str) -> Callable[[T], T]:
    """Return a decorator: each call of a function, or creation of an object, warns.

    Python shows a `DeprecationWarning` once for each line that calls, where that line is the
    program's own, and in every test. Editors and type checkers see the name unchanged.

    Args:
        since: the version of the package that deprecates the name.
        removed_in: the version in which it is gone.
        instead: what to do, as a sentence without its end: "use `Registry.build`".
    """

    def decorate(named: T) -> T:
        message = (
            f"{named.__module__}.{named.__qualname__} is deprecated since {since} and gone in "
            f"{removed_in}: {instead}"
        )
        is_class = isinstance(named, type)
        given: Any = named
        function = given.__init__ if is_class else given

        @functools.wraps(function)
        def warning(*args: Any, **kwargs: Any) -> Any:
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        decorated: Any = warning
        if is_class:
            decorated = given
            decorated.__init__ = warning
        finished: T = decorated
        return finished

    return decorate
