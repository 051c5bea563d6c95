"""YAML and JSON configs: their values, and the place of each."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from engine_config.errors import ConfigKeyError, ConfigSyntaxError, ConfigTypeError
from engine_config.source import Key, Marks, Place, Source

__all__ = ["dump_data", "read_data"]

_MAX_DEPTH = 200
_MAX_VALUES = 1_000_000
_YAML = "tag:yaml.org,2002:"
_MERGE = f"{_YAML}merge"
_TEXTS = frozenset({f"{_YAML}str", f"{_YAML}value", _MERGE})  # the last are a bare `=` and `<<`
_SCALARS = frozenset(
    f"{_YAML}{kind}" for kind in ("binary", "bool", "float", "int", "null", "timestamp")
)
# A text with so few brackets, and no line so indented, is at most some 800 deep.
_SAFE_FLOWS = 400
_INDENTED = re.compile(r"^[-?: \t]{200}", re.MULTILINE)


def read_data(source: Source, suffix: str, marks: Marks) -> dict[str, Any]:
    """Return the values of a YAML or JSON text.

    Args:
        source: the text.
        suffix: ".json", ".yaml" or ".yml".
        marks: takes down where the entries of every dict and list stand.

    Raises:
        ConfigSyntaxError: the text is not in its language, has tags that would make objects, or
            is nested too deeply.
        ConfigKeyError: a key is given twice.
        ConfigTypeError: the top level is no mapping.
    """
    reader = _Json(source, marks) if suffix == ".json" else _Yaml(source, marks)
    value = reader.read()
    if not isinstance(value, dict):
        raise source.error(
            f"the top level must be a mapping, not {type(value).__name__}", (1, 1), ConfigTypeError
        )
    return value


class _Reader:
    """What both languages have in common."""

    def __init__(self, source: Source, marks: Marks) -> None:
        self._source = source
        self._marks = marks

    def read(self) -> Any:
        """Return the value of the whole text."""
        raise NotImplementedError("each language reads in its own way")

    def twice(self, key: Any, place: Place, before: Place) -> ConfigKeyError:
        message = f"key {key!r} is given twice, first in line {before[0]}"
        error = self._source.error(message, place, ConfigKeyError)
        assert isinstance(error, ConfigKeyError)
        return error

    def wrong(self, message: str, place: Place) -> ConfigSyntaxError:
        error = self._source.error(message, place, ConfigSyntaxError)
        assert isinstance(error, ConfigSyntaxError)
        return error


class _Yaml(_Reader):
    def __init__(self, source: Source, marks: Marks) -> None:
        super().__init__(source, marks)
        self._left = _MAX_VALUES
        self._loader: Any = None

    def read(self) -> Any:
        import yaml  # slow to import, and most configs are Python

        kind = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            self._check_depth(yaml, kind)
            self._loader = kind(self._source.text)
            node = self._loader.get_single_node()
            return {} if node is None else self._value(node, 0)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            told = ": ".join(part for part in (error.context, error.problem) if part)
            raise self.wrong(told, place) from error
        except (yaml.YAMLError, RecursionError, UnicodeEncodeError) as error:
            raise self.wrong(str(error).split("\n")[0], (0, 0)) from error
        finally:
            if self._loader is not None:
                self._loader.dispose()

    def _check_depth(self, yaml: Any, kind: Any) -> None:
        """Refuse deep nesting before nodes are made: libyaml's recursion would end the process."""
        text = self._source.text
        if text.count("[") + text.count("{") <= _SAFE_FLOWS and not _INDENTED.search(text):
            return
        depth = 0
        for event in yaml.parse(text, kind):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > _MAX_DEPTH:
                    raise self.wrong(f"this is nested more than {_MAX_DEPTH} deep", _place(event))
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1

    def _value(self, node: Any, depth: int) -> Any:
        self._left -= 1
        if self._left < 0:
            message = f"with its aliases this is more than {_MAX_VALUES:,} values"
            raise self.wrong(message, _place(node))
        if depth > _MAX_DEPTH:
            raise self.wrong(f"this is nested more than {_MAX_DEPTH} deep", _place(node))
        if node.id == "scalar":
            self._left -= len(node.value) // 100  # an alias to a long text is not one value
            return self._scalar(node)
        if node.id == "sequence" and node.tag == f"{_YAML}seq":
            values = [self._value(item, depth + 1) for item in node.value]
            self._marks.note(values, {i: _place(item) for i, item in enumerate(node.value)})
            return values
        if node.id == "mapping" and node.tag == f"{_YAML}map":
            return self._mapping(node, depth)
        raise self._tag(node)

    def _scalar(self, node: Any) -> Any:
        if node.tag in _TEXTS:
            return node.value
        if node.tag not in _SCALARS:
            raise self._tag(node)
        try:
            return self._loader.construct_object(node)
        except (ValueError, OverflowError) as error:
            raise self.wrong(f"{node.value!r:.40}: {error}", _place(node)) from error
        except (AttributeError, KeyError) as error:  # what PyYAML's table and pattern do not know
            kind = node.tag.removeprefix(_YAML)
            raise self.wrong(f"{node.value!r:.40} is no {kind}", _place(node)) from error

    def _tag(self, node: Any) -> ConfigSyntaxError:
        shown = node.tag.replace(_YAML, "!!")
        return self.wrong(
            f"the tag {shown!r} is not read: values are text, numbers, dates, lists and mappings",
            _place(node),
        )

    def _mapping(self, node: Any, depth: int) -> dict[Any, Any]:
        values: dict[Any, Any] = {}
        places: dict[Key, Place] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                self._merge(value_node, values, places, depth=depth)
        seen: dict[Any, Place] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                continue
            key, place = self._key(key_node), _place(key_node)
            if key in seen:
                raise self.twice(key, place, seen[key])
            seen[key] = place
            values[key] = self._value(value_node, depth + 1)
            if isinstance(key, str | int):
                places[key] = place
        self._marks.note(values, places)
        return values

    def _key(self, node: Any) -> Any:
        key = self._scalar(node) if node.id == "scalar" else node.value
        if isinstance(key, str | int | float | bool | type(None)):
            return key
        shown = key if node.id == "scalar" else f"a {node.id}"
        raise self.wrong(f"a key is a text or a number: got {shown!s:.40}", _place(node))

    def _merge(
        self, node: Any, values: dict[Any, Any], places: dict[Key, Place], *, depth: int
    ) -> None:
        """Put in what `<<: *other` or `<<: [*first, *second]` stands for; the first one wins."""
        sources = reversed(node.value) if node.id == "sequence" else [node]
        for source in sources:
            part = self._value(source, depth + 1)
            if not isinstance(part, dict):
                message = "'<<' takes a mapping or a list of mappings"
                raise self.wrong(f"{message}: got {part!r:.40}", _place(source))
            values.update(part)
            places.update(self._marks.of(part))


def _place(node: Any) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


_SPACE = re.compile(r"[ \t\n\r]*")
_JSON_SAYS = {
    "Expecting value": "a value was expected: got {got}",
    "Invalid control character at": "a line break, or {got}, is written as an escape such as \\n",
    "Unterminated string starting at": "this text has no end",
}


class _Json(_Reader):
    def __init__(self, source: Source, marks: Marks) -> None:
        import json

        super().__init__(source, marks)
        self._text = source.text
        self._lines = [0, *(m.end() for m in re.finditer("\n", source.text))]
        self._decode = json.JSONDecoder().raw_decode

    def read(self) -> Any:
        value, end = self._value(self._skip(0), 0)
        end = self._skip(end)
        if end < len(self._text):
            raise self.wrong("the text goes on after its value", self._at(end))
        return value

    def _at(self, index: int) -> Place:
        line = bisect_right(self._lines, index)
        return line, index - self._lines[line - 1] + 1

    def _skip(self, index: int) -> int:
        found = _SPACE.match(self._text, index)
        return found.end() if found else index

    def _value(self, index: int, depth: int) -> tuple[Any, int]:
        if depth > _MAX_DEPTH:
            raise self.wrong(f"this is nested more than {_MAX_DEPTH} deep", self._at(index))
        char = self._text[index : index + 1]
        if char == "{":
            return self._object(index, depth)
        if char == "[":
            return self._array(index, depth)
        return self._scalar(index)

    def _scalar(self, index: int) -> tuple[Any, int]:
        """The text, number or word at ``index``, and where it ends."""
        import json

        try:
            return self._decode(self._text, index)
        except json.JSONDecodeError as error:
            got = "the end of the text"
            if error.pos < len(self._text):
                got = repr(self._text[error.pos])
            message = _JSON_SAYS.get(error.msg, error.msg).format(got=got)
            raise self.wrong(message, self._at(error.pos)) from error
        except ValueError as error:  # Python converts no longer one
            message = f"a number has at most {sys.get_int_max_str_digits():,} digits"
            raise self.wrong(message, self._at(index)) from error

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
                raise self.twice(key, place, places[key])
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
                raise self.wrong(f"there is no value between ',' and {close!r}", self._at(index))
            return after
        if char != close:
            raise self._unclosed(index, start, f"',' or {close!r}")
        return index

    def _unclosed(self, index: int, start: int, expected: str) -> ConfigSyntaxError:
        got = repr(self._text[index]) if index < len(self._text) else "the end of the text"
        opened = self._at(start)
        return self.wrong(
            f"{expected} was expected: got {got} (the bracket was opened in line {opened[0]})",
            self._at(min(index, max(len(self._text) - 1, 0))),
        )


def dump_data(value: Mapping[str, Any], suffix: str) -> str:
    """Return plain values as YAML or JSON text; tuples become lists.

    Raises:
        ConfigTypeError: a value cannot be written; the message gives its path.
    """
    plain = _writable(value, "", 0)
    if suffix == ".json":
        import json

        return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    import yaml

    text = str(yaml.dump(plain, Dumper=yaml.SafeDumper, sort_keys=False, allow_unicode=True))
    if "\x85" in text:  # a line break to PyYAML's reader, but not to its writer
        text = str(yaml.dump(plain, Dumper=yaml.SafeDumper, sort_keys=False))
    return text


def _writable(value: Any, path: str, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise ConfigTypeError(f"{path[:200]} is nested more than {_MAX_DEPTH} deep")
    if isinstance(value, Mapping):
        return {
            key: _writable(item, f"{path}.{key}" if path else str(key), depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_writable(item, f"{path}.{i}", depth + 1) for i, item in enumerate(value)]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return value if type(value) is kind else kind(value)
    if value is None:
        return None
    if isinstance(value, type) or hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    raise ConfigTypeError(
        f"{path} is {type(value).__name__} {value!r:.60}, which YAML and JSON cannot hold; "
        "write a .py file, or give it as text, a number, a list or a dict"
    )
