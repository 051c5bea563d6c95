"""What things are called where people come through `mmengine`."""

from __future__ import annotations

import sys

_NAME = "mmengine"
_done: set[str] = set()


def show_our_names() -> None:
    """Let loggers, message hubs and the root scope be called ``mmengine``.

    A package that isn't loaded has nothing that could be named, and isn't loaded for it.
    """
    if "engine_registry" in sys.modules and "scope" not in _done:
        from engine_registry import alias_scope

        _done.add("scope")
        alias_scope(_NAME, "engine", show=True)
    if "engine_logging" in sys.modules and "logger" not in _done:
        from engine_logging import set_default_name

        _done.add("logger")
        set_default_name(_NAME)
