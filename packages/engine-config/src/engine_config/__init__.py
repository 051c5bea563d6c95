"""Configuration files with inheritance, read without running them."""

from engine_config.__about__ import __version__

__all__ = ["__version__"]
