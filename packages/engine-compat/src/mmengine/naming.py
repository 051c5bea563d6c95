"""What things are called where people come through `mmengine`."""

from __future__ import annotations

import sys

__all__ = ["show_native_names", "show_our_names"]

_NAME = "mmengine"
_NATIVE = "engine"
_shown: set[str] = set()


def show_our_names() -> None:
    """Let loggers, message hubs and the root scope be called ``mmengine``, and s3:// be Petrel.

    A package that isn't loaded has nothing that could be named, and isn't loaded for it.
    """
    if "engine_registry" in sys.modules and "engine_registry" not in _shown:
        from engine_registry import alias_scope

        _shown.add("engine_registry")
        alias_scope(_NAME, _NATIVE, show=True)
    if "engine_logging" in sys.modules and "engine_logging" not in _shown:
        from engine_logging import set_default_name

        _shown.add("engine_logging")
        set_default_name(_NAME)
    if "engine_fileio" in sys.modules and "engine_fileio" not in _shown:
        from engine_fileio.backends import set_petrel_first

        _shown.add("engine_fileio")
        set_petrel_first(first=True)


def show_native_names() -> None:
    """Let them be called ``engine`` again, until the next module of `mmengine` is imported."""
    if "engine_registry" in _shown:
        from engine_registry import alias_scope

        alias_scope(_NAME, _NATIVE)
    if "engine_logging" in _shown:
        from engine_logging import set_default_name

        set_default_name(_NATIVE)
    if "engine_fileio" in _shown:
        from engine_fileio.backends import set_petrel_first

        set_petrel_first(first=False)
    _shown.clear()
