"""What can be wrong with a configuration, each with the place in the file where it is."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

__all__ = [
    "ConfigArithmeticError",
    "ConfigAttributeError",
    "ConfigError",
    "ConfigFormatError",
    "ConfigIndexError",
    "ConfigKeyError",
    "ConfigLimitError",
    "ConfigNameError",
    "ConfigNotFoundError",
    "ConfigNotImplementedError",
    "ConfigSyntaxError",
    "ConfigTypeError",
    "MissingNameError",
    "SecretError",
    "UntrustedConfigError",
    "class_like",
    "close_names",
    "is_index",
]


_EXCERPT = 100
_NAMES = 1000  # that a misspelt one is compared with, which is slow
_NAME = 100


class ConfigError(ValueError, RuntimeError):  # RuntimeError as MMEngine's ConfigParsingError
    """A configuration cannot be read, combined or written.

    Args:
        message: what is wrong and what would be right.
        path: the file, or a name for a text that is in none.
        line: from 1; 0 if unknown.
        column: from 1; 0 if unknown.
        text: the line of the file, shown below the message.
    """

    def __init__(
        self, message: str, path: str = "", line: int = 0, *, column: int = 0, text: str = ""
    ) -> None:
        super().__init__(message, path, line)
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        self.text = text

    def __str__(self) -> str:
        path = self.path or ("<text>" if self.line else "")
        place = ":".join(str(part) for part in (path, self.line, self.column) if part)
        shown = f"{place}: {self.message}" if place else self.message
        return shown + self._excerpt() if self.text.strip() else shown

    def _excerpt(self) -> str:
        """The line, or the part of a long one, with a caret below the column."""
        first = max(0, self.column - _EXCERPT // 2) if len(self.text) > _EXCERPT else 0
        first = max(first, len(self.text) - len(self.text.lstrip()))
        line = self.text[first : first + _EXCERPT].rstrip()
        caret = f"\n    {' ' * (self.column - 1 - first)}^" if self.column > first else ""
        return f"\n    {line}{caret}"


class ConfigSyntaxError(ConfigError):
    """A file is not written in its language, or is larger or deeper than is read."""


class ConfigFormatError(ConfigSyntaxError, OSError):
    """No language of configurations has this ending."""


class ConfigKeyError(ConfigError, KeyError):
    """A key is reserved, given twice, or refers to nothing."""


class MissingNameError(AttributeError, KeyError):
    """A name that is to be deleted isn't there: MMEngine's KeyError, Python's AttributeError."""

    __str__ = AttributeError.__str__


class ConfigTypeError(ConfigError, TypeError):
    """A value cannot stand where it is put."""


class ConfigIndexError(ConfigError, IndexError):
    """A position is beyond the end of a list."""


class ConfigNameError(ConfigError, NameError):
    """A name stands for nothing."""


class ConfigAttributeError(ConfigError, AttributeError):
    """A value has no such attribute."""


class ConfigArithmeticError(ConfigError, ZeroDivisionError):
    """A number is divided by zero."""


class ConfigNotImplementedError(ConfigError, NotImplementedError):
    """A config says of itself that it is not done."""


# What an expression of a config raises is of its class, too, as where MMEngine executes it.
_LIKE = {
    KeyError: ConfigKeyError,
    IndexError: ConfigIndexError,
    TypeError: ConfigTypeError,
    NameError: ConfigNameError,
    AttributeError: ConfigAttributeError,
    ZeroDivisionError: ConfigArithmeticError,
    NotImplementedError: ConfigNotImplementedError,
}


def class_like(error: Exception) -> type[ConfigError]:
    """Return the class of a config's error that is also of the class of ``error``."""
    return next((ours for kind, ours in _LIKE.items() if isinstance(error, kind)), ConfigError)


class ConfigNotFoundError(ConfigError, FileNotFoundError):
    """A file, or the package that it is in, is not there."""


class UntrustedConfigError(ConfigError):
    """A file would have to be executed, and that was not allowed."""


class SecretError(ConfigError):
    """What the environment gives for a secret is not what was masked; says which variable."""


class ConfigLimitError(UntrustedConfigError, ConfigSyntaxError):
    """A file asks for more work or memory than reading one takes; names the line and operation."""


def close_names(name: str, known: Iterable[object]) -> str:
    """Return "; did you mean 'x'?" for the known name that is closest to ``name``, or nothing."""
    from difflib import get_close_matches  # slow to import, and needed for errors only

    texts = (key for key in known if isinstance(key, str) and len(key) <= _NAME)
    near = get_close_matches(name, islice(texts, _NAMES), n=1) if len(name) <= _NAME else []
    return f"; did you mean {near[0]!r}?" if near else ""


def is_index(part: str) -> bool:
    """Whether a part of a dotted path is an index of a list."""
    return part.isascii() and part.isdigit() and len(part) < 10
