"""The text of a configuration without its secrets."""

from __future__ import annotations

from engine_config.config import Config
from engine_config.errors import ConfigError
from engine_config.secret_errors import is_tellable

__all__ = ["masked_text"]


def masked_text(text: str) -> str:
    """Return the text of a Python config, written anew from its values if it has secrets.

    Their masks stand where its values have them: no text is looked through for what may be one.
    Empty where the values cannot be known without executing it.
    """
    if is_tellable(text):
        return text
    try:
        return Config.fromstring(text, ".py", trust=False).pretty_text
    except (ConfigError, RecursionError):
        return ""
