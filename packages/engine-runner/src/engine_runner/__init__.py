"""Train, validate, test and resume PyTorch models."""

from engine_runner.__about__ import __version__

__all__ = ["__version__"]
