"""Registered wrappers of models, for `engine_dist`, which knows no registry: by entry point."""

from __future__ import annotations

from engine_registry.plugins import load_plugins
from engine_registry.root import MODEL_WRAPPERS

TYPE_CHECKING = False  # without the price of importing typing
if TYPE_CHECKING:
    from engine_registry.registry import Registry

__all__ = ["model_wrappers"]


def model_wrappers() -> Registry:
    """Return the registry that holds them, with what plug-ins have added to it."""
    load_plugins()  # an engine's wrapper may be there before its name was asked for
    return MODEL_WRAPPERS
