"""What goes wrong when something is drawn."""

from __future__ import annotations


class MissingGlyphError(ValueError):
    """No font at hand carries a character; the message says what to install."""


class NoImageError(RuntimeError):
    """Something was to be drawn or shown before there was an image."""


class TakenNameError(ValueError, RuntimeError):
    """Two back-ends have one name; MMEngine's is a RuntimeError."""


class StyleError(ValueError, TypeError):
    """What is no colour, line style, marker or size: a wrong value, or a value of a wrong type."""
