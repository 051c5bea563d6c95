"""Import on first use: what an extra installs, and what takes long to import."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from engine_fileio.errors import MissingPackageError


def later(module: str) -> Any:
    """Return ``module``, imported now and not with this package, whose import is to be quick."""
    return import_module(module)


def require(module: str, *, extra: str, what: str) -> Any:
    """Return ``module``, imported.

    Args:
        module: the dotted name to import.
        extra: the extra of engine-fileio that installs it.
        what: what needs it, for the message.

    Raises:
        MissingPackageError: it is not installed; the message has the command that does.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingPackageError(
            f"{what} needs the package {error.name or module!r}: "
            f"pip install 'engine-fileio[{extra}]'"
        ) from error
