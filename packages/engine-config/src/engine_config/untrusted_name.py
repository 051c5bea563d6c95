"""Names in a configuration that nobody has trusted, of what could be imported: texts that know it.

Whoever builds what such a text names sees at the text itself whose it is, whatever plain dict or
list it has been put into.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from engine_config.trust import Trust

__all__ = ["UntrustedName", "hold_names_untrusted", "untrusted"]

_DOTTED = re.compile(r"[^\W\d]\w*(?:(?:\.|::?)[^\W\d]\w*)+")
_LONGEST = 1000
_CONTAINERS = (dict, list, tuple, set, frozenset)
_SCOPES = frozenset({"_scope_", "default_scope"})  # keys of a library, whose name has no dot


class UntrustedName(str):
    """A text that names what could be imported, and knows whether somebody vouches for it.

    Args:
        text: the dotted name, or that of a library.
        trust: of the load that it comes from.
    """

    __slots__ = ("_trust",)

    _trust: Trust

    def __new__(cls, text: str, trust: Trust) -> UntrustedName:
        """Return the text with its trust."""
        found = super().__new__(cls, text)
        found._trust = trust
        _let_yaml_write_it()
        return found

    def __trusted__(self) -> bool:
        """Whether what this names may be imported; other packages ask by this name."""
        return self._trust.given

    def __str__(self) -> str:
        return str.__str__(self)

    def __copy__(self) -> UntrustedName:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> UntrustedName:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return UntrustedName, (str.__str__(self), self._trust)


def untrusted(text: str, trust: Trust | None) -> str:
    """Return ``text`` so that it knows its trust, if it could name something to import."""
    if trust is None or trust.given or len(text) > _LONGEST:
        return text
    return UntrustedName(text, trust) if _DOTTED.fullmatch(text) else text


def hold_names_untrusted(value: Any, trust: Trust) -> Any:
    """Return ``value``, whose dicts and lists are changed, with names that know their trust."""
    if type(value) is str:
        return untrusted(value, trust)
    if isinstance(value, dict):
        for key, each in [*dict.items(value)]:
            is_scope = key in _SCOPES and type(each) is str and not trust.given
            new = UntrustedName(each, trust) if is_scope else hold_names_untrusted(each, trust)
            if new is not each:
                dict.__setitem__(value, key, new)
    elif type(value) is list:
        value[:] = [hold_names_untrusted(each, trust) for each in value]
    elif type(value) in _CONTAINERS:
        return type(value)([hold_names_untrusted(each, trust) for each in value])
    return value


@cache
def _let_yaml_write_it() -> None:
    """Let PyYAML write such a text as any other."""
    from yaml.representer import Representer, SafeRepresenter  # slow to import

    def represent(dumper: Any, value: UntrustedName) -> Any:
        return dumper.represent_str(str.__str__(value))

    SafeRepresenter.add_representer(UntrustedName, represent)
    Representer.add_representer(UntrustedName, represent)
