"""Modules that a configuration wants to be imported, so that what they register is found."""

from __future__ import annotations

import warnings
from importlib import import_module

from engine_config.errors import ConfigError
from engine_config.node import ConfigDict
from engine_config.provenance import find_origin

__all__ = ["import_modules"]


def import_modules(values: ConfigDict) -> None:
    """Import what ``custom_imports`` lists.

    Raises:
        ConfigError: it is no list of names.
        ImportError: one cannot be imported, and that isn't allowed for.
    """
    listed = values["custom_imports"]
    origin = find_origin(values, "custom_imports") or "custom_imports"
    names = listed.get("imports", []) if isinstance(listed, dict) else listed
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ConfigError(
            f"custom_imports.imports is a list of module names: got {names!r}", str(origin)
        )
    for name in names:
        try:
            import_module(name)
        except ImportError as error:
            if isinstance(listed, dict) and listed.get("allow_failed_imports", False):
                warnings.warn(f"{origin}: {name} cannot be imported: {error}", stacklevel=3)
                continue
            raise ImportError(
                f"{origin}: custom_imports lists {name}, which cannot be imported: {error}. "
                "Install it, put its folder on PYTHONPATH, or set allow_failed_imports=True"
            ) from error
