"""JSON configs: their values, and the place of each."""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from typing import Any

from engine_config.errors import ConfigError, ConfigKeyError, ConfigSyntaxError
from engine_config.meter import Meter
from engine_config.source import Key, Marks, Place, Source

__all__ = ["read_json"]

_MAX_DEPTH = 200
_VALUE = 5  # steps that one costs
_SPACE = re.compile(r"[ \t\n\r]*")
_JSON_SAYS = {
    "Expecting value": "a value was expected: got {got}",
    "Invalid control character at": "a line break, or {got}, is written as an escape such as \\n",
    "Unterminated string starting at": "this text has no end",
}


def read_json(source: Source, marks: Marks, *, meter: Meter) -> Any:
    """Return the value of a JSON text; NaN and infinities are read as Python's own reader does.

    Args:
        source: the text.
        marks: takes down where the entries of every object and array stand.
        meter: counts the work.

    Raises:
        LimitError: there are more values than a config may have.
        ConfigSyntaxError: the text is no JSON, or is nested too deeply.
        ConfigKeyError: an object has a key twice.
    """
    return _Json(source, marks, meter).read()


class _Json:
    def __init__(self, source: Source, marks: Marks, meter: Meter) -> None:
        self._source = source
        self._meter = meter
        self._marks = marks
        self._text = source.text
        self._lines = [0, *(m.end() for m in re.finditer("\n", source.text))]
        self._decode = json.JSONDecoder().raw_decode

    def read(self) -> Any:
        """Return the value of the whole text."""
        value, end = self._value(self._skip(0), 0)
        end = self._skip(end)
        if end < len(self._text):
            raise self._wrong("the text goes on after its value", self._at(end))
        return value

    def _wrong(self, message: str, place: Place) -> ConfigError:
        return self._source.error(message, place, ConfigSyntaxError)

    def _at(self, index: int) -> Place:
        line = bisect_right(self._lines, index)
        return line, index - self._lines[line - 1] + 1

    def _skip(self, index: int) -> int:
        found = _SPACE.match(self._text, index)
        return found.end() if found else index

    def _value(self, index: int, depth: int) -> tuple[Any, int]:
        if depth > _MAX_DEPTH:
            raise self._wrong(f"this is nested more than {_MAX_DEPTH} deep", self._at(index))
        self._meter.spend(_VALUE)
        char = self._text[index : index + 1]
        if char == "{":
            return self._object(index, depth)
        if char == "[":
            return self._array(index, depth)
        return self._scalar(index)

    def _scalar(self, index: int) -> tuple[Any, int]:
        """The text, number or word at ``index``, and where it ends."""
        try:
            return self._decode(self._text, index)
        except json.JSONDecodeError as error:
            got = "the end of the text"
            if error.pos < len(self._text):
                got = repr(self._text[error.pos])
            message = _JSON_SAYS.get(error.msg, error.msg).format(got=got)
            raise self._wrong(message, self._at(error.pos)) from error
        except ValueError as error:  # Python converts no longer one
            message = f"a number has at most {sys.get_int_max_str_digits():,} digits"
            raise self._wrong(message, self._at(index)) from error

    def _object(self, index: int, depth: int) -> tuple[dict[str, Any], int]:
        values: dict[str, Any] = {}
        places: dict[Key, Place] = {}
        start = index
        index = self._skip(index + 1)
        while self._text[index : index + 1] != "}":
            if self._text[index : index + 1] != '"':
                raise self._unclosed(index, start, "a key in double quotes")
            place = self._at(index)
            key, index = self._scalar(index)
            if key in places:
                message = f"key {key!r} is given twice, first in line {places[key][0]}"
                raise self._source.error(message, place, ConfigKeyError)
            index = self._skip(index)
            if self._text[index : index + 1] != ":":
                raise self._unclosed(index, start, "':'")
            values[key], index = self._value(self._skip(index + 1), depth + 1)
            places[key] = place
            index = self._next(index, start, "}")
        self._marks.note(values, places)
        return values, index + 1

    def _array(self, index: int, depth: int) -> tuple[list[Any], int]:
        values: list[Any] = []
        places: dict[Key, Place] = {}
        start = index
        index = self._skip(index + 1)
        while self._text[index : index + 1] != "]":
            places[len(values)] = self._at(index)
            value, index = self._value(index, depth + 1)
            values.append(value)
            index = self._next(index, start, "]")
        self._marks.note(values, places)
        return values, index + 1

    def _next(self, index: int, start: int, close: str) -> int:
        """The index of the next entry, or of the closing bracket."""
        index = self._skip(index)
        char = self._text[index : index + 1]
        if char == ",":
            after = self._skip(index + 1)
            if self._text[after : after + 1] == close:
                raise self._wrong(f"there is no value between ',' and {close!r}", self._at(index))
            return after
        if char != close:
            raise self._unclosed(index, start, f"',' or {close!r}")
        return index

    def _unclosed(self, index: int, start: int, expected: str) -> ConfigError:
        got = repr(self._text[index]) if index < len(self._text) else "the end of the text"
        opened = self._at(start)
        return self._wrong(
            f"{expected} was expected: got {got} (the bracket was opened in line {opened[0]})",
            self._at(min(index, max(len(self._text) - 1, 0))),
        )
