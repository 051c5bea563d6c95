"""What can be wrong with an input."""

from __future__ import annotations

__all__ = ["InputError"]


class InputError(ValueError):
    """An input that the pipeline of a config can't make a sample of."""
