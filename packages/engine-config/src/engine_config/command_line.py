"""Values on the command line: ``--cfg-options model.depth=50 data.scale=(640,480)``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["DictAction", "add_options", "auto_argparser", "parse_option_value"]

_WORDS = {"true": True, "false": False}
_PAIRS = {"(": ")", "[": "]"}
_QUOTES = "'\""
_MAX_DEPTH = 50


def parse_option_value(text: str) -> Any:
    """Return what a value on the command line means.

    Numbers, ``true``, ``false`` and ``None`` are what they look like; ``[...]`` is a list,
    ``(...)`` a tuple, ``a,b`` a list too, nested as they like. Anything else is text, also with
    brackets in it. Quotes around a value change nothing but that commas and brackets in those of an
    element belong to it; a second pair of them makes a text of what stands inside.

    Raises:
        ValueError: brackets do not match; the message gives the position.
    """
    text = text.strip()
    inner = _unquoted(text)
    if inner is None:
        return _value(text, 0)
    second = _unquoted(inner.strip())
    return _value(inner.strip(), 0) if second is None else second


def _unquoted(text: str) -> str | None:
    """What a text in one pair of quotes holds; None if it is not."""
    if len(text) >= 2 and text[0] == text[-1] and text[0] in _QUOTES and text[0] not in text[1:-1]:
        return text[1:-1]
    return None


def _value(text: str, depth: int) -> Any:
    """The value of a text without spaces and quotes around it."""
    if depth > _MAX_DEPTH:
        raise ValueError(f"brackets are nested more than {_MAX_DEPTH} deep")
    is_enclosed = text[:1] in _PAIRS and text[-1:] == _PAIRS[text[0]]
    if not is_enclosed and "," not in text:
        return _word(text)
    parts, end = _parts(text, 1, _PAIRS[text[0]]) if is_enclosed else _parts(text, 0, "")
    if is_enclosed and end < len(text):  # as in (a)(b), or (a),(b)
        parts, _ = _parts(text, 0, "")
        is_enclosed = False
    if not is_enclosed and parts == [text]:
        return text
    values = [_element(part.strip(), depth + 1) for part in parts]
    return tuple(values) if is_enclosed and text[0] == "(" else values


def _element(text: str, depth: int) -> Any:
    """The value of one element of a sequence: what is in its quotes isn't taken apart."""
    inner = _unquoted(text)
    if inner is None:
        return _value(text, depth)
    second = _unquoted(inner.strip())
    return _word(inner) if second is None else second


def _word(text: str) -> Any:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if text == "None":
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _parts(text: str, start: int, close: str) -> tuple[list[str], int]:
    """Cut a text at its commas, from ``start`` to the bracket ``close`` or the end.

    Returns:
        The parts, of which a last one without anything in it is none; and where it ended.
    """
    found: list[str] = []
    opened = [(close, start)] if close else []
    outer = len(opened)
    begin = at = start
    while at < len(text):
        char = text[at]
        if char in _QUOTES and not text[begin:at].strip():
            at = _after_quote(text, at)
            continue
        if char in _PAIRS:
            opened.append((_PAIRS[char], at + 1))
        elif char in ")]":
            if not opened or opened[-1][0] != char:
                raise ValueError(f"{char!r} at position {at + 1} closes nothing")
            opened.pop()
            if len(opened) < outer:
                break
        elif char == "," and len(opened) == outer:
            found.append(text[begin:at])
            begin = at + 1
        at += 1
    if len(opened) > outer or (close and at == len(text)):
        missing, place = opened[-1]
        raise ValueError(f"{missing!r} is missing for the bracket at position {place}")
    last = text[begin:at]
    return [*found, last] if last.strip() else found, at + 1


def _after_quote(text: str, at: int) -> int:
    """Where a quoted element ends; the next character if it is none."""
    end = text.find(text[at], at + 1)
    after = text[end + 1 :].lstrip()[:1] if end >= 0 else "x"
    return end + 1 if after in ("", ",", ")", "]") else at + 1


class DictAction(argparse.Action):
    """Collects ``KEY=VALUE`` arguments into a dict; used again, it adds to it.

    Use with ``nargs="+"``; `parse_option_value` says what a value may be.
    """

    @staticmethod
    def _parse_iterable(val: str) -> Any:
        """What a value means; the name by which tools of libraries call it."""
        return parse_option_value(val)

    @staticmethod
    def _parse_int_float_bool(val: str) -> Any:
        """What a value without brackets, quotes and commas means."""
        return _word(val)

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
                raise argparse.ArgumentError(self, f"KEY=VALUE was expected: got {_told(text)}")
            try:
                options[key.strip()] = parse_option_value(value)
            except ValueError as error:
                raise argparse.ArgumentError(self, f"{_told(text)}: {error}") from None
        setattr(namespace, self.dest, options)


def _told(text: str) -> str:
    """An argument as an error quotes it."""
    from engine_config.secret_errors import is_tellable  # what few need

    key, equals, _ = text.partition("=")
    return repr(text) if is_tellable(text) else f"{key + equals if equals else ''!r:.60} (a secret)"


def add_options(
    parser: argparse.ArgumentParser, values: Mapping[str, Any], prefix: str = ""
) -> argparse.ArgumentParser:
    """Add an option for each text, number, list and flag in ``values``, by its dotted name."""
    for key, value in values.items():
        name = f"--{prefix}{key}"
        if isinstance(value, bool):
            parser.add_argument(name, action="store_true", default=None)
        elif isinstance(value, int | float | str):
            parser.add_argument(name, type=type(value), default=None)
        elif isinstance(value, Mapping):
            add_options(parser, value, f"{prefix}{key}.")
        elif isinstance(value, list | tuple) and value and isinstance(value[0], int | float | str):
            parser.add_argument(name, type=type(value[0]), nargs="+", default=None)
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
