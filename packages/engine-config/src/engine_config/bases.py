"""Bases of a config: which it lists, what it takes of them, and what is wrong with them."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from engine_config.errors import (
    ConfigError,
    ConfigKeyError,
    ConfigNotFoundError,
    ConfigTypeError,
    close_names,
)
from engine_config.evaluator_values import excerpt
from engine_config.node import ConfigDict
from engine_config.source import Marks, Place, Source

__all__ = [
    "BASE_KEY",
    "Brought",
    "asked_for",
    "check_chain",
    "chosen",
    "duplicate",
    "listed_bases",
    "set_scope",
    "without_deprecation",
]

BASE_KEY = "_base_"
_SCOPE_KEY = "_scope_"
_DEPRECATION_KEY = "_deprecation_"
_MAX_CHAIN = 50


class Brought(NamedTuple):
    """What a base gives to a file that imports from it.

    Attributes:
        values: those of its configuration.
        names: what it uses besides: imports and functions.
    """

    values: dict[str, Any]
    names: dict[str, Any]


def listed_bases(values: dict[Any, Any], marks: Marks, source: Source) -> list[str]:
    """Take ``_base_`` out of the values of a data file, and return what it lists.

    Raises:
        ConfigTypeError: it is neither a text nor a list of texts.
    """
    listed = values.pop(BASE_KEY, [])
    listed = [listed] if isinstance(listed, str) else listed
    if not isinstance(listed, list) or not all(isinstance(path, str) for path in listed):
        raise source.error(
            f"{BASE_KEY} is a path or a list of paths: got {excerpt(listed)}",
            marks.of(values).get(BASE_KEY, (0, 0)),
            ConfigTypeError,
        )
    return listed


def check_chain(chain: Sequence[Path], found: Path, path: Path) -> None:
    """Refuse a file that inherits from itself, or from too many.

    Args:
        chain: the files that are being read, each inheriting from the next.
        found: the resolved path of what the last inherits from.
        path: the same as it is written.

    Raises:
        ConfigError: it can't be read beside them.
    """
    if found in chain:
        circle = " -> ".join(map(str, [*chain[chain.index(found) :], found]))
        raise ConfigError(f"this file inherits from itself: {circle}", str(path))
    if len(chain) >= _MAX_CHAIN:
        raise ConfigError(f"more than {_MAX_CHAIN} files inherit from one another", str(path))


def chosen(base: Brought, node: ast.ImportFrom, path: Path, *, source: Source) -> Brought:
    """Return what an import takes of a base.

    Args:
        base: all that it has.
        node: the import.
        path: the base.
        source: the file where the import stands.

    Raises:
        ConfigKeyError: the base hasn't a name.
    """
    if [alias.name for alias in node.names] == ["*"]:
        return base
    found = Brought({}, {})
    for alias in node.names:
        part, kind = base.values, found.values
        if alias.name not in part:
            part, kind = base.names, found.names
        if alias.name not in part:
            near = close_names(alias.name, [*base.values, *base.names])
            message = f"{path} has no {alias.name!r}{near}"
            raise source.error(message, (node.lineno, node.col_offset + 1), ConfigKeyError)
        kind[alias.asname or alias.name] = part[alias.name]
    return found


def without_deprecation(values: ConfigDict, path: Path) -> ConfigDict:
    """Warn if the file says that it is deprecated, and forget that it does."""
    notice = values.pop(_DEPRECATION_KEY, None)
    if isinstance(notice, dict):
        message = f"the config file {path} will be removed"
        if "expected" in notice:
            message += f"; use {notice['expected']} instead"
        if "reference" in notice:
            message += f". More: {notice['reference']}"
        warnings.warn(message, DeprecationWarning, stacklevel=4)
    return values


def duplicate(key: str, merged: ConfigDict, values: ConfigDict) -> str:
    """Return what is wrong with a key that two bases set."""
    places = [_place(node, key) for node in (merged, values)]
    return (
        f"{key!r} is set by two bases ({' and '.join(places)}); set it in one of them, "
        "or let one inherit from the other"
    )


def _place(node: ConfigDict, key: str) -> str:
    return str(node.__origin__(key) or "unknown")


def set_scope(value: Any, scope: str) -> None:
    """Mark what is built with a scope; what lies inside that is built in the same one."""
    if isinstance(value, ConfigDict) and "type" in value:
        value.setdefault(_SCOPE_KEY, scope)
    elif isinstance(value, ConfigDict):
        for key in value:
            set_scope(dict.__getitem__(value, key), scope)
    elif isinstance(value, list | tuple):
        for item in value:
            set_scope(item, scope)


def asked_for(error: ConfigNotFoundError, source: Source, place: Place) -> ConfigError:
    """Return the error of a missing base, pointing to the line that asks for it."""
    missing = f"{error.path}: " if error.path else ""
    return source.error(
        f"a base cannot be read: {missing}{error.message}", place, ConfigNotFoundError
    )
