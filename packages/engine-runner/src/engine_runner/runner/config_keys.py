"""Keys of a config that a runner understands, and those that look like them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from engine_config.secrets import missing_secrets

__all__ = ["ENV_KEYS", "check_arguments", "check_keys", "check_secrets", "misspelt"]

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


def check_keys(where: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse keys that nothing reads.

    Raises:
        TypeError: there is one; the message offers the close names.
    """
    names = [*known]
    for key in given:
        if key not in names:
            near = get_close_matches(key, names, n=2) or names
            raise TypeError(f"{where} has no key {key!r}; did you mean {' or '.join(near)}?")


def check_arguments(where: str, given: Mapping[str, Any], function: Callable[..., Any]) -> None:
    """Refuse keys that are no arguments of ``function``, unless it takes any.

    Raises:
        TypeError: there is one; the message offers the close names.
    """
    parameters = inspect.signature(function).parameters
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return
    names = [name for name in parameters if name not in ("self", "runner", "dataloader")]
    # a config inherited from a library has the library's scope beside each type
    check_keys(where, {key: given[key] for key in given if key != "_scope_"}, ["type", *names])


def misspelt(given: Iterable[str], known: Iterable[str]) -> list[tuple[str, str]]:
    """Return keys of a config that look like a known one: (key, known).

    A key that continues a known one that is given, as ``train_dataloader2`` does, is meant.
    """
    keys, names = [*given], [*known]
    found = []
    for key in keys:
        if key in names or key.startswith("_"):
            continue
        near = get_close_matches(key, names, n=1, cutoff=0.9)
        if near and not (near[0] in keys and key.startswith(near[0])):
            found.append((key, near[0]))
    return found
