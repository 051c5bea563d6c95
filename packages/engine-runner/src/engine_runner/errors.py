"""Errors of a training's settings: each is also the built-in that MMEngine raises."""

from __future__ import annotations

__all__ = ["MissingKeyError", "UnknownPriorityError", "UnknownRuleError"]


class _SettingError(ValueError, KeyError):
    """A name or key that a setting needs isn't there; MMEngine's is a KeyError."""

    __str__ = Exception.__str__  # a KeyError's shows the message in quotes


class MissingKeyError(_SettingError):
    """A config lacks what it must have."""


class UnknownPriorityError(_SettingError):
    """No priority has this name."""


class UnknownRuleError(_SettingError):
    """No comparison is called so."""
