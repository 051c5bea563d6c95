"""Parameter groups with the same settings, put together."""

from __future__ import annotations

from typing import Any

__all__ = ["merged_groups"]


def merged_groups(groups: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[int]]:
    """Put groups with equal settings together, in the order of their first members.

    Args:
        groups: each with ``params``, a parameter or a list of them, and settings.

    Returns:
        The groups; and for each parameter, group after group, its place among those given. Groups
        with settings that can't be compared stay alone.
    """
    merged: list[dict[str, Any]] = []
    places: list[list[int]] = []
    by_settings: dict[Any, int] = {}
    place = 0
    for group in groups:
        params = group["params"] if isinstance(group["params"], list) else [group["params"]]
        settings = {key: value for key, value in group.items() if key != "params"}
        try:
            index = by_settings.setdefault(tuple(sorted(settings.items())), len(merged))
        except TypeError:
            index = len(merged)
        if index == len(merged):
            merged.append({"params": [], **settings})
            places.append([])
        merged[index]["params"].extend(params)
        places[index].extend(range(place, place + len(params)))
        place += len(params)
    return merged, [each for group_places in places for each in group_places]
