"""What is wrong with a sweep before anything runs."""

from __future__ import annotations

__all__ = ["SpaceError"]


class SpaceError(ValueError):
    """A space is none, or holds what the config can't have."""
