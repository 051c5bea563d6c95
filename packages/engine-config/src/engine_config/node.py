"""ConfigDict: a dict whose entries are attributes too, and that knows where they came from."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from engine_config.errors import MissingNameError, close_names
from engine_config.lazy import Trust
from engine_config.plain_values import ATOMS, LAZY, built, copied, pairs, plain
from engine_config.provenance import Mark, Origin, Unread, origins_of
from engine_config.represented import MaskedList, represented
from engine_config.secrets import hides, masked, shows_inside, variable_of

__all__ = [
    "ConfigDict",
    "hold_secret",
    "join_trust",
    "node_of",
    "trusted_as",
    "with_origins",
]

_PROGRAM = "the program"
_has_frozen: set[bool] = set()  # whether this process has frozen something


class ConfigDict(dict[Any, Any]):
    """A dict with attribute access; dicts in it, also in lists and tuples, are ConfigDicts.

    Lazily imported objects are imported when they are read through it, unless nobody has trusted
    the file that names them. A missing key raises KeyError, a missing attribute AttributeError.
    """

    __slots__ = ("_frozen", "_origins", "_secret", "_trust", "lazy")

    _frozen: bool
    _origins: dict[Any, Mark] | Unread | None
    _secret: str
    _trust: Trust | None
    lazy: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        _init(self)
        for other in (*args, kwargs):
            for key, value in pairs(other) if other else ():
                _put(self, key, value)
            join_trust(self, other)
        if len(args) == 1 and isinstance(args[0], ConfigDict):
            _copy_origins(args[0], self)

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

    def __origin__(self, key: Any) -> Origin | None:
        """Where the entry ``key`` came from; other packages ask by this name."""
        mark = (origins_of(self) or {}).get(key)
        return None if mark is None else Origin(mark)

    def __trusted__(self) -> bool:
        """Whether what this names may be imported; other packages ask by this name."""
        return self._trust is None or self._trust.given

    def __secret__(self) -> str:
        """The environment variable that a mask of this asks for, if this lies in a secret."""
        return self._secret

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
            _set_origins(self, {})

    def freeze(self, should_freeze: bool = True) -> None:
        """Refuse keys that aren't there yet, here and in the dicts that are values."""
        if should_freeze:
            _has_frozen.add(True)
        elif not _has_frozen:  # nothing ever was
            return
        _set_frozen(self, should_freeze)
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
        mark = (origins_of(other) or {}).get(key)
        if mark is not None:
            origins = origins_of(self)
            if origins is None:
                origins = {}
                _set_origins(self, origins)
            origins[key] = mark.after(before)

    def to_dict(self) -> dict[Any, Any]:
        """Return plain dicts, lists and tuples; lazy objects become their dotted names."""
        return {key: plain(item) for key, item in dict.items(self)}

    def copy(self) -> Self:
        """Return a shallow copy."""
        other = type(self).__new__(type(self))
        _init(other)
        dict.update(other, dict.items(self))
        _set_lazy(other, self.lazy)
        _set_trust(other, self._trust)
        _set_secret(other, self._secret)
        _copy_origins(self, other)
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


# What the slots' own descriptors do, without the price of `object.__setattr__`.
_set_origins: Callable[[ConfigDict, Any], None] = ConfigDict.__dict__["_origins"].__set__
_set_frozen: Callable[[ConfigDict, bool], None] = ConfigDict.__dict__["_frozen"].__set__
_set_trust: Callable[[ConfigDict, Trust | None], None] = ConfigDict.__dict__["_trust"].__set__
_set_secret: Callable[[ConfigDict, str], None] = ConfigDict.__dict__["_secret"].__set__
_set_lazy: Callable[[ConfigDict, bool], None] = ConfigDict.__dict__["lazy"].__set__


def _init(node: ConfigDict) -> None:
    _set_origins(node, None)
    _set_trust(node, None)
    _set_secret(node, "")
    _set_lazy(node, False)
    _set_frozen(node, False)


def node_of(values: dict[Any, Any], *, origins: Unread, trust: Trust, lazy: bool) -> ConfigDict:
    """Return ``values``, whose containers are as ConfigDict wants them, as one.

    Args:
        values: the entries; dicts among them are ConfigDicts.
        origins: where they stand.
        trust: whether what they name may be imported.
        lazy: a lazy object is among them.
    """
    node = ConfigDict.__new__(ConfigDict)
    dict.update(node, values)
    _set_origins(node, origins)
    _set_trust(node, trust)
    _set_secret(node, "")
    _set_lazy(node, lazy)
    _set_frozen(node, False)
    return node


def hold_secret(key: Any, value: Any) -> None:
    """Let the dicts of a value know that they lie in a secret, if ``key`` is that of one."""
    if not shows_inside(key, value):
        _hold_in(variable_of(key), value)


def _hold_in(name: str, value: Any) -> None:
    if isinstance(value, ConfigDict):
        if value._secret:
            return
        _set_secret(value, name)
        for key, each in dict.items(value):
            if type(each) not in ATOMS:
                _hold_in(f"{name}_{variable_of(key)}", each)
    elif type(value) in (list, tuple):
        for index, each in enumerate(value):
            _hold_in(f"{name}_{index}" if len(value) > 1 else name, each)


def _put(node: ConfigDict, key: Any, value: Any) -> None:
    """Store ``value``, its dicts as ConfigDicts, without a word about its origin."""
    if type(value) not in ATOMS:
        value = _hooked(value)
        hold_secret(key, value)
    elif type(value) in LAZY:
        _set_lazy(node, True)
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
    _set_secret(node, secret)
    _set_origins(node, origins)
    _set_trust(node, trust)
    return node


def _is_true(values: Mapping[Any, Any], key: str) -> bool:
    return bool((dict.get(values, key) if isinstance(values, dict) else values.get(key)) or False)


def _copy_origins(source: ConfigDict, target: ConfigDict) -> None:
    origins = source._origins
    _set_origins(target, dict(origins) if type(origins) is dict else origins)


def with_origins(node: ConfigDict, origins: dict[Any, Mark] | Unread | None) -> ConfigDict:
    """Return ``node`` after noting where its entries came from."""
    _set_origins(node, origins)
    return node


def join_trust(node: ConfigDict, other: Any) -> None:
    """Note that ``node`` gets values of ``other``: what a stranger wrote stays so."""
    if isinstance(other, ConfigDict) and not other.__trusted__() and node.__trusted__():
        _set_trust(node, other._trust)


def trusted_as(node: ConfigDict, trust: Trust | None) -> ConfigDict:
    """Return ``node`` after noting whether what it names may be imported."""
    _set_trust(node, trust)
    return node
