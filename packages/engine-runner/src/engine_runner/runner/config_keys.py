"""Keys of a config that a runner understands, and those that look like them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from engine_config.secrets import missing_secrets

__all__ = [
    "ENV_KEYS",
    "check_arguments",
    "check_keys",
    "check_secrets",
    "misspelt",
    "misspelt_env_keys",
    "unknown_keys",
]

# Keys of `env_cfg`.
ENV_KEYS: Final = ("cudnn_benchmark", "mp_cfg", "dist_cfg", "resource_limit")


def check_secrets(arguments: Mapping[str, Any]) -> None:
    """Ask for the secrets that a written config left out.

    Raises:
        ValueError: there are some; the message names each, and how to give it.
    """
    found = [*missing_secrets({k: v for k, v in arguments.items() if k != "cfg"})]
    if found:
        listed = "; ".join(
            f"{path}: set the environment variable {name}, or give --cfg-options {path}=..."
            for path, name in found
        )
        raise ValueError(f"the config was written without its secrets, and needs them: {listed}")


def unknown_keys(given: Iterable[str], known: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each key that nothing reads, and what may be meant instead."""
    names = [*known]
    for key in given:
        # a config inherited from a library has the library's scope beside each type
        if key not in names and key != "_scope_":
            yield key, " or ".join(get_close_matches(str(key), names, n=2) or names)


def check_keys(where: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse keys that nothing reads.

    Raises:
        TypeError: there is one; the message offers the close names.
    """
    for key, meant in unknown_keys(given, known):
        raise TypeError(f"{where} has no key {key!r}; did you mean {meant}?")


def check_arguments(where: str, given: Mapping[str, Any], function: Callable[..., Any]) -> None:
    """Refuse keys that are no arguments of ``function``, unless it takes any.

    Raises:
        TypeError: there is one; the message offers the close names.
    """
    parameters = inspect.signature(function).parameters
    if all(each.kind is not each.VAR_KEYWORD for each in parameters.values()):
        known = [name for name in parameters if name not in ("self", "runner", "dataloader")]
        check_keys(where, given, ["type", *known])


def misspelt_env_keys(env_cfg: Iterable[str]) -> list[str]:
    """Return the keys of ``env_cfg`` that look like one of `ENV_KEYS`; others are a user's own."""
    return [k for k in env_cfg if k not in ENV_KEYS and get_close_matches(str(k), ENV_KEYS, n=1)]


def misspelt(given: Iterable[str], known: Iterable[str]) -> list[tuple[str, str]]:
    """Return keys of a config that look like a known one: (key, known).

    A key that continues a known one that is given, as ``train_dataloader2`` does, is meant.
    """
    keys, names = [*given], [*known]
    found = []
    for key in keys:
        if key in names or not isinstance(key, str) or key.startswith("_"):
            continue
        near = get_close_matches(key, names, n=1, cutoff=0.9)
        if near and not (near[0] in keys and key.startswith(near[0])):
            found.append((key, near[0]))
    return found
