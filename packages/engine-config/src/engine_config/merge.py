"""Merging: a child's values into its base, and overrides by dotted keys into a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine_config.errors import ConfigKeyError, ConfigTypeError, is_index
from engine_config.marked_dict import join_trust, with_origins
from engine_config.masked_repr import represented
from engine_config.node import ConfigDict
from engine_config.plain_values import copied
from engine_config.provenance import Mark, Origin, origins_of
from engine_config.secrets import is_secret_path, masked

__all__ = ["DELETE_KEY", "merge_into", "merged", "nested"]

DELETE_KEY = "_delete_"


def merge_into(
    base: ConfigDict, child: ConfigDict, *, path: str = "", lists: bool = True
) -> ConfigDict:
    """Return ``base`` after merging ``child`` into it.

    A dict merges into a dict; any other value replaces. ``_delete_=True`` in a dict makes it
    replace too. A dict whose keys are all indices changes these elements of a list.

    Args:
        base: changed in place.
        child: what to put in; shared, not copied.
        path: dotted path of both, for errors.
        lists: let a dict of indices change a list.

    Raises:
        ConfigTypeError: a dict would replace something that is no dict.
        ConfigKeyError: an index is beyond the end of its list.
    """
    join_trust(base, child)
    for key, value in dict.items(child):
        mark = (origins_of(child) or {}).get(key)
        at = f"{path}.{key}" if path else str(key)
        before = (origins_of(base) or {}).get(key)
        mine = dict.get(base, key)
        if isinstance(value, ConfigDict) and key in base and not dict.get(value, DELETE_KEY):
            _forget_delete(value)
            if isinstance(mine, ConfigDict):
                merge_into(mine, value, path=at, lists=lists)
            elif lists and isinstance(mine, list) and value and all(map(_is_index, value)):
                merged, items = _list_with(mine, value, path=at, mark=before)
                dict.__setitem__(base, key, merged)
                before = _with_items(before, items)
                mark = None if before else mark
            else:
                message = _cannot_merge(value, mine, path=at, mark=mark, before=before)
                raise ConfigTypeError(message)
        else:
            if isinstance(value, ConfigDict):
                _forget_delete(value)
            _store(base, key, value)
        _note(base, key, mark=mark, before=before)
    return base


def merged(a: dict[Any, Any], b: dict[Any, Any], allow_list_keys: bool = False) -> dict[Any, Any]:
    """Return a copy of ``b`` after merging ``a`` into it: libraries call this by Config's name."""
    both: ConfigDict = copied(ConfigDict(b), {})
    merge_into(both, copied(ConfigDict(a), {}), lists=allow_list_keys)
    return both if isinstance(b, ConfigDict) else both.to_dict()


def _store(base: ConfigDict, key: Any, value: Any) -> None:
    """Put ``value`` without changing what is noted of its origin."""
    origins = base._origins
    with_origins(base, None)
    base[key] = value
    with_origins(base, origins)


def _note(base: ConfigDict, key: Any, *, mark: Mark | None, before: Mark | None) -> None:
    found = before if mark is None else mark.after(before)
    if found is not None:
        origins = origins_of(base)
        if origins is None:
            origins = {}
            with_origins(base, origins)
        origins[key] = found


def _with_items(mark: Mark | None, items: dict[Any, Mark]) -> Mark | None:
    if mark is None:
        return None
    return Mark(
        mark.place,
        mark.line,
        mark.column,
        before=mark.before,
        items={**(mark.items or {}), **items},
    )


def _list_with(
    mine: list[Any], value: ConfigDict, *, path: str, mark: Mark | None
) -> tuple[list[Any], dict[Any, Mark]]:
    """Return a list with the elements of ``value`` put in at their indices, and their marks."""
    holder = ConfigDict()
    for key in value:
        index = int(key)
        if index >= len(mine):
            raise ConfigKeyError(
                f"{path} is a list of {len(mine)}: there is no index {index} to override"
            )
        dict.__setitem__(holder, index, mine[index])
        old = mark.items.get(index, mark) if mark is not None and mark.items else mark
        if old is not None:
            with_origins(holder, {**(origins_of(holder) or {}), index: old})
    child = ConfigDict()
    for key, new in dict.items(value):
        dict.__setitem__(child, int(key), new)
    origins = {int(key): found for key, found in (origins_of(value) or {}).items()}
    merge_into(holder, with_origins(child, origins), path=path)
    merged = list(mine)
    for index, new in dict.items(holder):
        merged[index] = new
    return merged, dict(origins_of(holder) or {})


def _is_index(key: Any) -> bool:
    return isinstance(key, int) or (isinstance(key, str) and is_index(key))


def _forget_delete(value: ConfigDict) -> None:
    if DELETE_KEY in value:
        del value[DELETE_KEY]


def _cannot_merge(
    value: ConfigDict, mine: Any, *, path: str, mark: Mark | None, before: Mark | None
) -> str:
    where = f" ({Origin(mark)})" if mark else ""
    there = f" ({Origin(before)})" if before else ""
    return (
        f"{path} is a dict in the child{where} and {type(mine).__name__} in its base{there}: "
        f"a dict merges into a dict. Set {DELETE_KEY}=True in it to replace the base's value"
        + ("; or use keys that are all indices to change a list" if type(mine) is list else "")
    )


def nested(options: Mapping[str, Any]) -> ConfigDict:
    """Return dotted keys as nested dicts, each value marked as an override.

    Raises:
        ConfigTypeError: one key asks for a value where another one asks for a dict.
    """
    root = ConfigDict()
    for dotted, value in dict.items(options) if isinstance(options, dict) else options.items():
        shown = "<secret>" if is_secret_path(str(dotted)) else represented(value)[:60]
        mark = Mark(f"override {dotted}={shown}")
        node = root
        *parents, last = str(dotted).split(".")
        for part in parents:
            if not isinstance(dict.get(node, part), ConfigDict):
                if part in node:
                    there = represented(masked({part: dict.get(node, part)})[part])[:100]
                    raise ConfigTypeError(
                        f"override {dotted!r} wants a dict where another one puts {there}"
                    )
                dict.__setitem__(node, part, with_origins(ConfigDict(), {}))
            node = dict.__getitem__(node, part)
        _store(node, last, copied(value, {}))
        _note(node, last, mark=mark, before=None)
    return root
