"""Secrets in configurations: masked where one is written or shown, and asked for again by name.

A value is one if its key is a secret's name, and it is a text that isn't empty. A text in the
place of one says by which environment variable it is given when the configuration is read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

__all__ = [
    "SECRET_NAMES",
    "add_secret_names",
    "filled",
    "is_secret",
    "masked",
    "masked_text",
    "missing_secrets",
]

SECRET_NAMES: Final = {
    "access_key",
    "access_token",
    "account_key",
    "api_key",
    "api_token",
    "apikey",
    "auth_token",
    "authorization",
    "aws_access_key_id",
    "client_secret",
    "connection_string",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "sas_token",
    "secret",
    "secret_key",
    "security_token",
    "session_token",
    "token",
}
"""Names of secrets, in small letters; also at the end of a key, after the name of their service."""

_ATOMS = frozenset({bool, bytes, complex, float, int, str, type(None)})
_WRITTEN = re.compile(
    r"""(?P<before>(?P<key>\w{1,100})['"]?[ \t]*[=:][ \t]*)(?P<value>'[^'\n]*'|"[^"\n]*")"""
)
_BEFORE, _AFTER = "<secret ", ">"
# Whole keys alone: many a model has a `cls_token` or a `mask_token`.
_WHOLE = frozenset({"authorization", "credentials", "secret", "token"})


def add_secret_names(*names: str) -> None:
    """Let values of these keys be masked, too."""
    SECRET_NAMES.update(name.lower() for name in names)
    _is_name_of_secret.cache_clear()


def is_secret(key: Any) -> bool:
    """Whether the value of ``key`` is a secret."""
    return isinstance(key, str) and _is_name_of_secret(key)


@lru_cache(maxsize=4096)
def _is_name_of_secret(key: str) -> bool:
    name = key.lower().replace("-", "_")
    if name in SECRET_NAMES:
        return True
    parts = name.split("_")
    ends = ("_".join(parts[at:]) for at in range(1, len(parts)))
    return any(end in SECRET_NAMES and end not in _WHOLE for end in ends)


def masked(value: Any) -> Any:
    """Return ``value`` with a mask in the place of each secret; itself where it holds none."""
    return _masked(value) if _holds_secret(value) else value


def masked_text(text: str) -> str:
    """Return the text of a Python config with a mask in the place of each secret that it writes."""

    def hide(match: re.Match[str]) -> str:
        key = match["key"]
        if not is_secret(key) or _variable(match["value"][1:-1]):
            return match[0]
        quote = match["value"][0]
        return f"{match['before']}{quote}{_BEFORE}{key.upper()}{_AFTER}{quote}"

    return _WRITTEN.sub(hide, text)


def _holds_secret(value: Any) -> bool:
    """Whether there may be one somewhere in ``value``."""
    if isinstance(value, dict):
        for key, each in dict.items(value):
            kind = type(each)
            if kind is str or kind is bytes:
                if each and type(key) is str and _is_name_of_secret(key):
                    return True
            elif kind not in _ATOMS and _holds_secret(each):
                return True
    elif type(value) is list or type(value) is tuple:
        for each in value:
            if type(each) not in _ATOMS and _holds_secret(each):
                return True
    return False


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        new = {key: _mask(key, each) for key, each in dict.items(value)}
        if all(new[key] is each for key, each in dict.items(value)):
            return value
        node = value.copy()
        for key, each in new.items():
            dict.__setitem__(node, key, each)
        return node
    if type(value) is list or type(value) is tuple:
        parts = [_masked(each) for each in value]
        return value if all(map(_same, parts, value)) else type(value)(parts)
    return value


def _same(first: Any, second: Any) -> bool:
    return first is second


def _mask(key: Any, value: Any) -> Any:
    if isinstance(value, str | bytes) and value and is_secret(key) and not _variable(value):
        return f"{_BEFORE}{key.upper().replace('-', '_')}{_AFTER}"
    return _masked(value)


def _variable(value: Any) -> str:
    """The environment variable that a mask asks for; empty if a value is none."""
    if isinstance(value, str) and value.startswith(_BEFORE) and value.endswith(_AFTER):
        return value[len(_BEFORE) : -len(_AFTER)]
    return ""


def filled(value: Any, environment: Mapping[str, str]) -> None:
    """Put the secrets that an environment has into the place of their masks."""
    if isinstance(value, dict):
        for key, each in dict.items(value):
            name = _variable(each)
            if name and name in environment and is_secret(key):
                dict.__setitem__(value, key, environment[name])
            else:
                filled(each, environment)
    elif isinstance(value, list | tuple):
        for each in value:
            filled(each, environment)


def missing_secrets(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the dotted path of each mask, and the environment variable that it asks for."""
    if isinstance(value, dict):
        inner: Any = dict.items(value)
    elif isinstance(value, list | tuple):
        inner = enumerate(value)
    else:
        if name := _variable(value):
            yield path, name
        return
    for key, each in inner:
        yield from missing_secrets(each, f"{path}.{key}" if path else str(key))
