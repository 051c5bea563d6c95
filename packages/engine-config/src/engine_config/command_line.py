"""Values on the command line: ``--cfg-options model.depth=50 data.scale=(640,480)``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["DictAction", "add_options", "auto_argparser", "parse_option_value"]

_WORDS = {"true": True, "false": False, "none": None}
_PAIRS = {"(": ")", "[": "]"}
_MAX_DEPTH = 50


def parse_option_value(text: str) -> Any:
    """Return what a value on the command line means.

    Numbers, ``true``, ``false`` and ``none`` are what they look like; ``[...]`` is a list,
    ``(...)`` a tuple, ``a,b`` a list too, nested as they like. Anything else is text, and so is
    what stands in quotes, unless it begins with a bracket.

    Raises:
        ValueError: brackets or quotes do not match; the message gives the position.
    """
    text = text.strip()
    inner = _unquoted(text)
    if inner is not None and inner[:1] not in _PAIRS:
        return inner
    text = text if inner is None else inner
    reader = _Reader(text)
    if text[:1] not in _PAIRS and "," not in text:
        return _word(text)
    values, trailing = reader.values("", 0)
    return values[0] if len(values) == 1 and not trailing else values


def _unquoted(text: str) -> str | None:
    """What a text in one pair of quotes holds; None if it is not."""
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"" and text[0] not in text[1:-1]:
        return text[1:-1]
    return None


def _word(text: str) -> Any:
    text = text.strip()
    quoted = _unquoted(text)
    if quoted is not None:
        return quoted
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


class _Reader:
    """Reads values between commas and brackets."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def values(self, close: str, depth: int) -> tuple[list[Any], bool]:
        """Values up to the bracket ``close``, or the end; and whether a comma stood last."""
        if depth > _MAX_DEPTH:
            raise ValueError(f"brackets are nested more than {_MAX_DEPTH} deep")
        found: list[Any] = []
        trailing = False
        while True:
            self._space()
            if self._at >= len(self._text):
                if close:
                    raise ValueError(f"{close!r} is missing at the end")
                return found, trailing
            char = self._text[self._at]
            if char == close and close:
                self._at += 1
                return found, trailing
            if char in ")]":
                raise ValueError(f"{char!r} at position {self._at + 1} closes nothing")
            found.append(self._value(depth))
            trailing = self._comma(close)

    def _space(self) -> None:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1

    def _value(self, depth: int) -> Any:
        char = self._text[self._at]
        if char in _PAIRS:
            self._at += 1
            values, _ = self.values(_PAIRS[char], depth + 1)
            return tuple(values) if char == "(" else values
        start = self._at
        if char in "'\"":
            end = self._text.find(char, start + 1)
            if end < 0:
                raise ValueError(f"the quote at position {start + 1} is not closed")
            self._at = end + 1
            return self._text[start + 1 : end]
        while self._at < len(self._text) and self._text[self._at] not in ",()[]":
            self._at += 1
        return _word(self._text[start : self._at])

    def _comma(self, close: str) -> bool:
        """Step over the comma after a value."""
        self._space()
        char = self._text[self._at : self._at + 1]
        if char == ",":
            self._at += 1
            return True
        if char and char != close:
            raise ValueError(f"',' was expected at position {self._at + 1}: got {char!r}")
        return False


class DictAction(argparse.Action):
    """Collects ``KEY=VALUE`` arguments into a dict; used again, it adds to it.

    Use with ``nargs="+"``; `parse_option_value` says what a value may be.
    """

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Add the arguments to what the namespace holds.

        Raises:
            argparse.ArgumentError: one is not ``KEY=VALUE``, or its value cannot be read.
        """
        options = dict(getattr(namespace, self.dest, None) or {})
        for text in [values] if isinstance(values, str) else values or []:
            key, equals, value = str(text).partition("=")
            if not equals or not key.strip():
                raise argparse.ArgumentError(self, f"KEY=VALUE was expected: got {text!r}")
            try:
                options[key.strip()] = parse_option_value(value)
            except ValueError as error:
                raise argparse.ArgumentError(self, f"{text!r}: {error}") from error
        setattr(namespace, self.dest, options)


def add_options(
    parser: argparse.ArgumentParser, values: Mapping[str, Any], prefix: str = ""
) -> argparse.ArgumentParser:
    """Add an option for each text, number, list and flag in ``values``, by its dotted name."""
    for key, value in values.items():
        name = f"--{prefix}{key}"
        if isinstance(value, bool):
            parser.add_argument(name, action="store_true", default=value)
        elif isinstance(value, int | float | str):
            parser.add_argument(name, type=type(value), default=value)
        elif isinstance(value, Mapping):
            add_options(parser, value, f"{prefix}{key}.")
        elif isinstance(value, list | tuple) and value and isinstance(value[0], int | float | str):
            parser.add_argument(name, type=type(value[0]), nargs="+", default=value)
    return parser


def auto_argparser(
    description: str | None, load: Callable[[str], Any], arguments: Sequence[str] | None = None
) -> tuple[argparse.ArgumentParser, Any]:
    """Return a parser with an option for each value of the config file named first.

    Args:
        description: of the program, for its help.
        load: reads the config file.
        arguments: instead of the program's own.

    Returns:
        The parser and the configuration.
    """
    parser = argparse.ArgumentParser(description=description, add_help=False)
    parser.add_argument("config", help="config file path")
    known, _ = parser.parse_known_args(sys.argv[1:] if arguments is None else arguments)
    config = load(known.config)
    full = argparse.ArgumentParser(description=description)
    full.add_argument("config", help="config file path")
    return add_options(full, config), config
