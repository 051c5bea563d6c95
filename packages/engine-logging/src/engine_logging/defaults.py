"""The one place that knows what things are called when nobody gave them a name."""

from __future__ import annotations

_name = ["engine"]


def default_name() -> str:
    """The name of a logger or message hub that nobody named."""
    return _name[0]


def set_default_name(name: str) -> None:
    """Let things that are made from now on without a name be called ``name``.

    For a package that shows itself under another name than ours; MMEngine's was "mmengine".
    """
    _name[0] = name
