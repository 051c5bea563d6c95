"""What goes wrong in an export."""

from __future__ import annotations

__all__ = ["ExportError"]


class ExportError(RuntimeError):
    """A model can't be exported as it was asked for, or what came of it computes another thing."""
