"""Marked dict: a dict that knows where its entries came from, and whether to trust them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from engine_config.plain_values import ATOMS
from engine_config.provenance import Mark, Origin, Unread, origins_of
from engine_config.secrets import shows_inside, variable_of
from engine_config.trust import Trust

__all__ = [
    "MarkedDict",
    "copy_marks",
    "copy_origins",
    "hold_secret",
    "init",
    "join_trust",
    "note_origin",
    "set_frozen",
    "set_lazy",
    "set_origins",
    "set_secret",
    "set_trust",
    "trusted_as",
    "with_origins",
]

D = TypeVar("D", bound="MarkedDict")


class MarkedDict(dict[Any, Any]):
    """What a ConfigDict knows besides its entries; their containers do not show it.

    Attributes:
        lazy: a lazily imported object may be among the entries.
    """

    __slots__ = ("_frozen", "_origins", "_secret", "_trust", "lazy")

    _frozen: bool
    _origins: dict[Any, Mark] | Unread | None
    _secret: str
    _trust: Trust | None
    lazy: bool

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


# What the slots' own descriptors do, without the price of `object.__setattr__`.
set_origins: Callable[[MarkedDict, Any], None] = MarkedDict.__dict__["_origins"].__set__
set_frozen: Callable[[MarkedDict, bool], None] = MarkedDict.__dict__["_frozen"].__set__
set_trust: Callable[[MarkedDict, Trust | None], None] = MarkedDict.__dict__["_trust"].__set__
set_secret: Callable[[MarkedDict, str], None] = MarkedDict.__dict__["_secret"].__set__
set_lazy: Callable[[MarkedDict, bool], None] = MarkedDict.__dict__["lazy"].__set__


def init(node: MarkedDict) -> None:
    """Let a new dict know nothing yet."""
    set_origins(node, None)
    set_trust(node, None)
    set_secret(node, "")
    set_lazy(node, False)
    set_frozen(node, False)


def hold_secret(key: Any, value: Any) -> None:
    """Let the dicts of a value know that they lie in a secret, if ``key`` is that of one."""
    if not shows_inside(key, value):
        _hold_in(variable_of(key), value)


def _hold_in(name: str, value: Any) -> None:
    if isinstance(value, MarkedDict):
        if value._secret:
            return
        set_secret(value, name)
        for key, each in dict.items(value):
            if type(each) not in ATOMS:
                _hold_in(f"{name}_{variable_of(key)}", each)
    elif type(value) in (list, tuple):
        for index, each in enumerate(value):
            _hold_in(f"{name}_{index}" if len(value) > 1 else name, each)


def copy_origins(source: MarkedDict, target: MarkedDict) -> None:
    """Let the entries of one dict come from where those of another did."""
    origins = source._origins
    set_origins(target, dict(origins) if type(origins) is dict else origins)


def with_origins(node: D, origins: dict[Any, Mark] | Unread | None) -> D:
    """Return ``node`` after noting where its entries came from."""
    set_origins(node, origins)
    return node


def join_trust(node: MarkedDict, other: Any) -> None:
    """Note that ``node`` gets values of ``other``: what a stranger wrote stays so."""
    if isinstance(other, MarkedDict) and not other.__trusted__() and node.__trusted__():
        set_trust(node, other._trust)


def trusted_as(node: D, trust: Trust | None) -> D:
    """Return ``node`` after noting whether what it names may be imported."""
    set_trust(node, trust)
    return node


def copy_marks(source: MarkedDict, target: MarkedDict) -> None:
    """Let one dict know what another knows."""
    set_lazy(target, source.lazy)
    set_trust(target, source._trust)
    set_secret(target, source._secret)
    copy_origins(source, target)


def note_origin(node: MarkedDict, other: Any, key: Any, *, before: Mark | None) -> None:
    """Note that an entry is that of ``other``, which may know where it came from.

    Args:
        node: the dict that has it now.
        other: the one that had it.
        key: of the entry.
        before: where the entry that was replaced came from.
    """
    mark = (origins_of(other) or {}).get(key)
    if mark is not None:
        origins = origins_of(node)
        if origins is None:
            origins = {}
            set_origins(node, origins)
        origins[key] = mark.after(before)
