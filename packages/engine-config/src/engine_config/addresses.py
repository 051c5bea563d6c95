"""Addresses in a config: without user, password and signature where one is written or shown."""

from __future__ import annotations

import re

from engine_config.secret_names import is_secret

__all__ = ["bare_address"]

_ADDRESS = r"""(?P<scheme>\w[\w+.-]*:/{2,3})(?P<rest>[^\s"'<>\\]+)"""
_PORT = r"(?:\[[^\]]*\]|[^:\[\]]*)(?::\d*)?"
_SIGNED = frozenset({"code", "hmac", "key", "sig", "signature"})


def bare_address(text: str) -> str:
    """Return ``text`` with each address in it bare of its login, and of what signs it."""
    return re.sub(_ADDRESS, _bare, text) if "://" in text else text


def _bare(found: re.Match[str]) -> str:
    rest = found["rest"]
    host, slash, path = rest.partition("/")
    if "@" in host:
        rest = host.rpartition("@")[2] + slash + path
    elif "@" in rest and not re.fullmatch(_PORT, re.split("[?#]", host, maxsplit=1)[0]):
        rest = rest.rpartition("@")[2]  # a password with a slash in it
    for mark in "?#":
        before, found_mark, after = rest.partition(mark)
        if found_mark:
            rest = _without_signature(before, mark, after)
    return found["scheme"] + rest


def _without_signature(before: str, mark: str, query: str) -> str:
    """An address with the pairs of its query, or fragment, that are no secrets."""
    pairs = re.split("([&;])", query)
    kept = [pair for pair in pairs[::2] if not _signs(pair)]
    if len(kept) == len(pairs[::2]):
        return before + mark + query
    return before + (mark + "&".join(kept) if kept else "")


def _signs(pair: str) -> bool:
    from urllib.parse import unquote  # slow to import, and few addresses have a query

    name, equals, value = pair.partition("=")
    name = unquote(name)
    last = re.split(r"[^a-z]", name.lower())[-1]
    return bool(equals and value and (is_secret(name) or last in _SIGNED))
