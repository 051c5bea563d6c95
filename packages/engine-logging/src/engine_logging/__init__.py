"""Loggers, scalars and their history."""

from engine_logging.__about__ import __version__

__all__ = ["__version__"]
