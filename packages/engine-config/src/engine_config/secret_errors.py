"""Errors of a configuration that names a secret: where one is, what kind, and nothing of the text.

What a text quotes, or Python says of a value, may be the secret, in whatever shape it is written.
So nothing of it is kept: neither the line, nor what is quoted, nor the causes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from engine_config.addresses import bare_address
from engine_config.errors import ConfigError, SecretError, UntrustedConfigError
from engine_config.meter import LimitError, Refusal
from engine_config.secret_names import names_secret

__all__ = ["is_tellable", "quietly"]

T = TypeVar("T")

_HIDDEN = "the rest is hidden, since this configuration names a secret"
# what may be of the text: from the first quote, bracket, longer number or colon on
_VALUE = r"""(?s)(?<![A-Za-z0-9])[bBrRuUfF]{0,2}["'].*|\d{4,}.*|[\[{(<&*!].*|: .*"""
_OURS = (ConfigError, LimitError, MemoryError, RecursionError, Refusal, SyntaxError)


def is_tellable(text: str) -> bool:
    """Whether a text may be quoted: it names no secret, and has no address with a login."""
    return not names_secret(text) and bare_address(text) == text


def quietly(read: Callable[[], T], texts: Iterable[str]) -> T:
    """Return what ``read`` does; its errors tell nothing of ``texts`` if one of them has a secret.

    Args:
        read: reads a configuration.
        texts: of the files that it has read, looked at when it fails.

    Raises:
        ConfigError: what ``read`` raises, or a new error of the same kind without a cause.
    """
    try:
        return read()
    except SecretError:  # it has no value
        raise
    except Exception as error:
        if all(map(is_tellable, texts)):
            raise
        quiet = _without_values(error)
    raise quiet  # outside of the block: it has no context


def _without_values(error: Exception) -> ConfigError:
    """An error of the same kind at the same place, with the words that are none of the text's."""
    if not isinstance(error, ConfigError):
        return ConfigError(f"{type(error).__name__} ({_HIDDEN})")
    if error.__cause__ is None or isinstance(error.__cause__, _OURS):
        message = f"{re.sub(_VALUE, '', error.message).strip()} ... ({_HIDDEN})"
    else:  # what Python says of a value
        message = f"{type(error.__cause__).__name__} ({_HIDDEN})"
    if isinstance(error, UntrustedConfigError):
        message += "; if you trust it, load it with trust=True"
    return type(error)(message, error.path, error.line, column=error.column)
