"""Objects found by name: registries, scopes, global instances."""

from engine_registry.__about__ import __version__

__all__ = ["__version__"]
