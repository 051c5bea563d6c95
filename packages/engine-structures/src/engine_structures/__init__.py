"""Containers for samples, labels and predictions."""

from engine_structures.__about__ import __version__

__all__ = ["__version__"]
