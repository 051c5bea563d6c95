"""What can go wrong between processes."""

from __future__ import annotations

__all__ = ["CollectiveError", "LauncherError"]


class CollectiveError(RuntimeError):
    """A collective did not complete; the message names the ranks that did not take part in it."""


class LauncherError(RuntimeError):
    """The environment does not say, or says in contradiction, which process this is."""
