"""What goes wrong with back-ends in particular."""

from __future__ import annotations

__all__ = ["MissingTrackerError", "TrackerError"]


class TrackerError(RuntimeError):
    """A back-end's run could not be made, or its platform refused something."""


class MissingTrackerError(ImportError):
    """The package of a platform is not installed; the message has the command that installs it."""
