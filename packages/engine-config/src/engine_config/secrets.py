"""Secrets in configurations: masked where one is written or shown, and asked for again by name.

A value is one if its key is a secret's name, and so is all that lies in it, whatever it is. A text
in the place of one says by which environment variable it is given when the configuration is read
again. Addresses lose their logins and signatures, which nothing asks for again.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine_config.addresses import bare_address
from engine_config.errors import SecretError
from engine_config.secret_names import (
    ORDINARY_NAMES,
    SECRET_NAMES,
    add_secret_names,
    has_secret_key,
    in_other_use,
    is_secret,
    is_secret_path,
    variable_of,
)

__all__ = [
    "ORDINARY_NAMES",
    "SECRET_NAMES",
    "add_secret_names",
    "filled",
    "hides",
    "is_secret",
    "is_secret_path",
    "masked",
    "missing_secrets",
    "shows_inside",
    "variable_in",
    "variable_of",
]

_ATOMS = frozenset({bool, bytes, complex, float, int, str, type(None)})
_PLAIN = _ATOMS - {str}
_CONTAINERS = (Mapping, list, tuple, set, frozenset, deque)
_SEQUENCES = frozenset({frozenset, list, set, tuple})
_VOCABULARY = re.compile(r"(?:<\||[\[<({|])\w{1,20}(?:\|>|[\]>)}|])")  # `[CLS]`, `<|user|>`
_MASK = re.compile(r"<secret ([A-Z0-9_]{1,400})( as JSON)?>")
# keys that say nothing of the secret that they lie in
_PLAIN_KEYS = frozenset(
    """
    account channel domain email endpoint expires expiry host hostname id issuer kind login mode
    name port project region role scheme scope server tenant type uri url user user_name username
    value values
    """.split()  # noqa: SIM905 - too many for a list
)


def masked(value: Any) -> Any:
    """Return ``value`` with a mask in the place of each secret; itself where it holds none.

    Containers of other kinds that hold one become dicts and lists.
    """
    if name := getattr(type(value), "__secret__", _no_name)(value):
        return _hidden(value, name)
    return value if _is_clean((value,), deep=True) else _masked(value)


def _no_name(_: Any) -> str:
    return ""


def hides(values: dict[Any, Any]) -> bool:
    """Whether a dict's values show more than they may; the dicts among them see to themselves."""
    return has_secret_key(values) or not _is_clean(dict.values(values), deep=False)


def _is_clean(values: Iterable[Any], *, deep: bool) -> bool:
    """Whether nothing in here needs a mask: quicker than to look for what does.

    Args:
        values: of a container.
        deep: what isn't walked needs none, and dicts are looked into.
    """
    for each in values:
        kind = type(each)
        if kind in _PLAIN:
            continue
        if kind is str:
            if "://" in each:
                return False
        elif kind is list or kind is tuple:
            if not _is_clean(each, deep=deep):
                return False
        elif isinstance(each, dict):
            if deep and (has_secret_key(each) or not _is_clean(dict.values(each), deep=True)):
                return False
        elif not deep or isinstance(each, _CONTAINERS):
            return False
    return True


def _masked(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return bare_address(value) if "://" in value else value
    if kind in _ATOMS or not isinstance(value, _CONTAINERS):
        return value
    if isinstance(value, Mapping):
        return _masked_mapping(value)
    fields = getattr(kind, "_fields", None)
    if isinstance(value, tuple) and type(fields) is tuple:  # a namedtuple
        return _masked_fields(value, fields)
    return _with_parts(value, [_masked(each) for each in value])


def _masked_mapping(value: Mapping[Any, Any]) -> Any:
    """A mapping with masks; a dict if it was of another kind and has some."""
    entries: Any = dict.items(value) if isinstance(value, dict) else value.items()
    node: Any = value
    for key, each in entries:
        new = _masked_entry(key, each)
        if new is not each:
            if node is value:
                node = value.copy() if isinstance(value, dict) else dict(value)
            dict.__setitem__(node, key, new)
    return node


def _masked_fields(value: Any, fields: tuple[str, ...]) -> Any:
    new = {field: _masked_entry(field, e) for field, e in zip(fields, value, strict=False)}
    return value if all(n is o for n, o in zip(new.values(), value, strict=False)) else new


def _masked_entry(key: Any, value: Any) -> Any:
    if type(value) is bool or value is None:
        return value
    if is_secret(key) and not (in_other_use(key) and _has_use(value)):
        return _hidden(value, variable_of(key))
    return _masked(value)


def shows_inside(key: Any, value: Any) -> bool:
    """Whether what lies in the value of ``key`` is hidden by its own keys alone."""
    return not is_secret(key) or (in_other_use(key) and _has_use(value))


def _has_use(value: Any) -> bool:
    """Whether a token is a number, a word of a vocabulary, or the layer that learns one."""
    if isinstance(value, Mapping):
        return "type" in value
    if isinstance(value, str):
        return _VOCABULARY.fullmatch(value) is not None
    return isinstance(value, int | float)


def _with_parts(value: Any, parts: list[Any]) -> Any:
    """A sequence or set of other parts, a list if it was of another kind; itself if they aren't."""
    if all(new is old for new, old in zip(parts, value, strict=True)):
        return value
    return type(value)(parts) if type(value) in _SEQUENCES else parts


def _hidden(value: Any, name: str) -> Any:
    """A secret's value, behind masks that ask for the variable ``name``."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str | bytes) and (not value or variable_in(value)):
        return value
    if isinstance(value, dict):
        if not all(map(_is_plain_key, value)):
            return f"<secret {name} as JSON>"
        node = value.copy()
        for key, each in dict.items(value):
            dict.__setitem__(node, key, _hidden(each, f"{name}_{variable_of(key)}"))
        return node
    if type(value) in _SEQUENCES:
        number = len(value) > 1
        parts = [_hidden(e, f"{name}_{i}" if number else name) for i, e in enumerate(value)]
        return _with_parts(value, parts)
    return f"<secret {name}>"


def _is_plain_key(key: Any) -> bool:
    return isinstance(key, str) and (key in _PLAIN_KEYS or is_secret(key))


def variable_in(value: Any) -> str:
    """The environment variable that a mask asks for; empty if a value is none."""
    found = _MASK.fullmatch(value) if isinstance(value, str) and value[:8] == "<secret " else None
    return found[1] if found else ""


def filled(value: Any, environment: Mapping[str, str], *, inside: bool = False) -> Any:
    """Return ``value`` with the secrets that an environment has in the place of their masks.

    Args:
        value: its dicts and lists are changed.
        environment: values by variable.
        inside: it lies in a secret's value: elsewhere, what looks like a mask is a text.

    Raises:
        SecretError: a variable that is to hold JSON doesn't.
    """
    if isinstance(value, dict):
        for key, each in [*dict.items(value)]:
            new = filled(each, environment, inside=inside or is_secret(key))
            if new is not each:
                put = (
                    dict.__setitem__
                    if not isinstance(new, dict | list)
                    else type(value).__setitem__
                )
                put(value, key, new)
    elif type(value) is list:
        value[:] = [filled(each, environment, inside=inside) for each in value]
    elif type(value) in _SEQUENCES:
        return _with_parts(value, [filled(each, environment, inside=inside) for each in value])
    elif inside and (name := variable_in(value)) and name in environment:
        return _from_json(name, environment[name]) if value.endswith("JSON>") else environment[name]
    return value


def _from_json(name: str, text: str) -> Any:
    import json  # slow to import, and hardly needed

    try:
        return json.loads(text)
    except ValueError:
        message = (
            f"the environment variable {name} gives a secret that is a dict: JSON was expected"
        )
        raise SecretError(message) from None


def missing_secrets(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the dotted path of each mask, and the environment variable that it asks for."""
    if isinstance(value, dict):
        inner: Any = dict.items(value)
    elif isinstance(value, list | tuple):
        inner = enumerate(value)
    else:
        if name := variable_in(value):
            yield path, name
        return
    for key, each in inner:
        yield from missing_secrets(each, f"{path}.{key}" if path else str(key))
