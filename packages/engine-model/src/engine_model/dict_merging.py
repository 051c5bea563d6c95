"""Merging of dicts into one."""

from __future__ import annotations

from typing import Any

__all__ = ["merge_dict"]


def merge_dict(*args: dict[str, Any]) -> dict[str, Any]:
    """Return all items of the dicts; of equal keys the last wins.

    Raises:
        TypeError: an argument is no dict.
    """
    merged: dict[str, Any] = {}
    for each in args:
        if not isinstance(each, dict):
            raise TypeError(f"merge_dict takes dicts, got {each!r:.200}")
        merged.update(each)
    return merged
