"""ConfigDict: a dict whose entries are attributes too, and that knows where they came from."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Self

from engine_config.errors import MissingNameError, close_names
from engine_config.marked_dict import (
    MarkedDict,
    copy_marks,
    copy_origins,
    hold_secret,
    init,
    join_trust,
    note_origin,
    set_frozen,
    set_lazy,
    set_origins,
    set_secret,
    set_trust,
)
from engine_config.masked_repr import MaskedList, represented
from engine_config.plain_values import ATOMS, LAZY, built, copied, pairs, plain
from engine_config.provenance import Mark, origins_of
from engine_config.secrets import hides, masked

__all__ = ["ConfigDict"]

_PROGRAM = "the program"
_has_frozen: set[bool] = set()  # whether this process has frozen something


class ConfigDict(MarkedDict):
    """A dict with attribute access; dicts in it, also in lists and tuples, are ConfigDicts.

    Lazily imported objects are imported when they are read through it, unless nobody has trusted
    the file that names them. A missing key raises KeyError, a missing attribute AttributeError.
    """

    __slots__ = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        init(self)
        for other in (*args, kwargs):
            for key, value in pairs(other) if other else ():
                _put(self, key, value)
            join_trust(self, other)
        if len(args) == 1 and isinstance(args[0], ConfigDict):
            copy_origins(args[0], self)

    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        return built(value) if type(value) in LAZY else value

    def __setitem__(self, key: Any, value: Any) -> None:
        if self._frozen and key not in self:
            raise KeyError(f"this is frozen: {key!r} cannot be added before unfreeze() is called")
        _put(self, key, value)
        origins = origins_of(self)
        if origins is not None:
            before = origins.get(key)
            if before is not None and before.place is _PROGRAM:
                before = before.before  # what a program sets in a loop is no history
            origins[key] = Mark(_PROGRAM, before=before)

    def __delitem__(self, key: Any) -> None:
        super().__delitem__(key)
        origins = origins_of(self)
        if origins is not None:
            origins.pop(key, None)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            if name.startswith("__"):  # what Python itself asks every object for
                raise AttributeError(name) from None
            near = close_names(name, self)
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}{near}"
            ) from None

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(ConfigDict, name):
            raise AttributeError(
                f"{name!r} is a method of ConfigDict; write config[{name!r}] = ..."
            )
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise MissingNameError(f"{type(self).__name__!r} object has no {name!r}") from None

    def __iter__(self) -> Iterator[Any]:
        # Overridden so that dict(config) and **config read values through __getitem__ too.
        return iter(self.keys())

    def __reversed__(self) -> Iterator[Any]:
        return reversed(self.keys())

    def build_lazy(self, value: Any) -> Any:
        """Return ``value``, imported if it is a lazy object that somebody has trusted."""
        return built(value)

    def get(self, key: Any, default: Any | None = None) -> Any:
        """Return the value of ``key``, or ``default``."""
        return built(super().get(key, default))

    def pop(self, key: Any, default: Any = None) -> Any:
        """Remove ``key`` and return its value; ``default`` (None) if it is not there."""
        origins = origins_of(self)
        if origins is not None:
            origins.pop(key, None)
        return built(super().pop(key, default))

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Return the value of ``key``, after setting it to ``default`` if it is not there."""
        if key not in self:
            self[key] = default
        return self[key]

    def items(self) -> list[tuple[Any, Any]]:  # type: ignore[override]  # as MMEngine's
        """List of (key, value)."""
        found = list(dict.items(self._read()))
        return MaskedList(found, self, dict.items) if self._secret or hides(self) else found

    def values(self) -> list[Any]:  # type: ignore[override]  # as MMEngine's
        """List of the values."""
        found = list(dict.values(self._read()))
        return MaskedList(found, self, dict.values) if self._secret or hides(self) else found

    def _read(self) -> dict[Any, Any]:
        """These values, imported where they are lazy."""
        if not self.lazy:
            return self
        return {key: built(value) for key, value in super().items()}

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set entries from a mapping or pairs; a dict is updated by a dict, recursively."""
        if len(args) > 1:
            raise TypeError(f"update takes at most one positional argument: got {len(args)}")
        for other in (*args, kwargs):
            join_trust(self, other)
            for key, value in pairs(other):
                mine = super().get(key)
                if isinstance(mine, ConfigDict) and isinstance(value, Mapping):
                    mine.update(value)
                else:
                    self._set_from(other, key, value)

    def merge(self, other: Mapping[Any, Any]) -> None:
        """Merge a dict as a child config is merged: ``_delete_=True`` replaces instead."""
        clears = isinstance(other, Mapping) and _is_true(other, "_delete_")
        join_trust(self, other)
        if clears:
            self.clear()
        for key, value in pairs(other):
            if clears and key == "_delete_":
                continue
            mine = super().get(key)
            if not isinstance(value, Mapping):
                self._set_from(other, key, value)
                continue
            rest = ConfigDict(value)
            replaces = rest.pop("_delete_", False)
            if isinstance(mine, ConfigDict) and not replaces:
                mine.merge(rest)
            else:
                self._set_from(other, key, rest)

    def clear(self) -> None:
        """Remove everything."""
        super().clear()
        if self._origins is not None:
            set_origins(self, {})

    def freeze(self, should_freeze: bool = True) -> None:
        """Refuse keys that aren't there yet, here and in the dicts that are values."""
        if should_freeze:
            _has_frozen.add(True)
        elif not _has_frozen:  # nothing ever was
            return
        set_frozen(self, should_freeze)
        for value in super().values():
            if isinstance(value, ConfigDict):
                value.freeze(should_freeze)

    def unfreeze(self) -> None:
        """Take new keys again."""
        self.freeze(False)

    def _set_from(self, other: Any, key: Any, value: Any) -> None:
        """Set an entry that was an entry of ``other``, with the origin that it had there."""
        before = (origins_of(self) or {}).get(key)
        self[key] = value
        note_origin(self, other, key, before=before)

    def to_dict(self) -> dict[Any, Any]:
        """Return plain dicts, lists and tuples; lazy objects become their dotted names."""
        return {key: plain(item) for key, item in dict.items(self)}

    def copy(self) -> Self:
        """Return a shallow copy."""
        other = type(self).__new__(type(self))
        init(other)
        dict.update(other, dict.items(self))
        copy_marks(self, other)
        return other

    __copy__ = copy

    def deepcopy(self) -> Self:
        """Return a deep copy."""
        return copy.deepcopy(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        other = self.copy()
        memo[id(self)] = other
        for key, value in dict.items(self):
            if type(value) not in ATOMS:
                dict.__setitem__(other, key, copied(value, memo))
        return other

    def __or__(self, other: Any) -> Any:
        if not isinstance(other, Mapping):
            return NotImplemented
        both = copy.deepcopy(self)
        both.update(other)
        return both

    def __ror__(self, other: Any) -> Any:
        if not isinstance(other, Mapping):
            return NotImplemented
        both = copy.deepcopy(self)  # which keeps whether it is trusted
        dict.clear(both)
        both.update(other)
        both.update(self)
        return both

    def __ior__(self, other: Any) -> Self:
        self.update(other)
        return self

    def __repr__(self) -> str:
        return represented(self)

    __str__ = __repr__

    def __masked__(self) -> Self:
        """These values without their secrets; other packages ask by this name."""
        found = masked(self)
        return found if isinstance(found, type(self)) else type(self)()

    def __reduce__(self) -> tuple[Any, ...]:
        values = dict(dict.items(self))
        return _restored, (type(self), values, origins_of(self), self._trust, self._secret)


def _put(node: ConfigDict, key: Any, value: Any) -> None:
    """Store ``value``, its dicts as ConfigDicts, without a word about its origin."""
    if type(value) not in ATOMS:
        value = _hooked(value)
        hold_secret(key, value)
    elif type(value) in LAZY:
        set_lazy(node, True)
    dict.__setitem__(node, key, value)


def _hooked(value: Any) -> Any:
    """Return ``value`` with dicts as ConfigDicts; itself where it holds no plain dict."""
    if isinstance(value, ConfigDict):
        return value
    if isinstance(value, dict):
        return ConfigDict(value)
    if type(value) in (list, tuple):
        hooked = [item if type(item) in ATOMS else _hooked(item) for item in value]
        if any(new is not old for new, old in zip(hooked, value, strict=True)):
            return type(value)(hooked)
    return value


def _restored(
    cls: type[ConfigDict], values: dict[Any, Any], origins: dict[Any, Mark] | None, *more: Any
) -> ConfigDict:
    trust = more[0] if more else None
    secret = more[1] if len(more) > 1 else ""
    node = cls(values)
    set_secret(node, secret)
    set_origins(node, origins)
    set_trust(node, trust)
    return node


def _is_true(values: Mapping[Any, Any], key: str) -> bool:
    return bool((dict.get(values, key) if isinstance(values, dict) else values.get(key)) or False)
