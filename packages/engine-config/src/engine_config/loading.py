"""Loading of a config: with which environment variables, and what of its text is told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine_config.errors import ConfigTypeError
from engine_config.node import ConfigDict
from engine_config.secret_errors import is_tellable

if TYPE_CHECKING:
    from engine_config.inherit import Loader

__all__ = ["loader_of", "tellable"]


def loader_of(
    env: Mapping[str, str] | None, *, trust: bool, reads_environment: bool = True, **how: Any
) -> Loader:
    """Return what reads a file.

    Args:
        env: the environment variables; None is those of the process, or with ``trust=False`` none.
        trust: whether what can't be evaluated is executed.
        reads_environment: whether ``{{ $NAME }}`` is replaced at all.
        how: the other arguments of `Loader`.
    """
    from engine_config.inherit import Loader  # large, and no use to a config of a dict

    environment = env if env is not None else os.environ if trust else {}
    return Loader(environment=environment if reads_environment else None, trust=trust, **how)


def tellable(text: str, node: ConfigDict) -> str:
    """Return the text of a configuration, or that of its masked values if it has secrets."""
    from engine_config.write import to_python

    if is_tellable(text):
        return text
    try:
        return to_python(node)
    except ConfigTypeError:  # a name, or a value, that no text holds
        return ""
