"""Prerequisites: packages and programs that a function can't do without."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from typing import Any

from mmengine.utils.package_utils import is_installed

__all__ = ["check_prerequisites", "requires_executable", "requires_package"]

_MISSING = (
    'Prerequisites "{}" are required in method "{}" but not found, please install them first.'
)


def check_prerequisites(
    prerequisites: str | list[str],
    checker: Callable[[str], bool],
    msg_tmpl: str = _MISSING,
) -> Callable[..., Any]:
    """Return a decorator: the function fails if ``checker`` finds a prerequisite missing.

    The decorated function raises a RuntimeError; the message names what is missing.
    """
    names = [prerequisites] if isinstance(prerequisites, str) else prerequisites

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            missing = ", ".join(name for name in names if not checker(name))
            if missing:
                raise RuntimeError(msg_tmpl.format(missing, function.__name__))
            return function(*args, **kwargs)

        return checked

    return decorate


def requires_package(prerequisites: str | list[str]) -> Callable[..., Any]:
    """Return a decorator: the function fails if a package is missing."""
    return check_prerequisites(prerequisites, checker=is_installed)


def requires_executable(prerequisites: str | list[str]) -> Callable[..., Any]:
    """Return a decorator: the function fails if a program is missing."""
    return check_prerequisites(prerequisites, checker=lambda name: shutil.which(name) is not None)
