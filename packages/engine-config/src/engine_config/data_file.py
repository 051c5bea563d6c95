"""YAML and JSON configs: their values, and the place of each."""

from __future__ import annotations

import re
from typing import Any

from engine_config.errors import (
    ConfigError,
    ConfigKeyError,
    ConfigLimitError,
    ConfigSyntaxError,
    ConfigTypeError,
)
from engine_config.meter import LimitError, Meter
from engine_config.source import Key, Marks, Place, Source

__all__ = ["MAX_DEPTH", "TUPLE", "read_data"]

MAX_DEPTH = 200
_MAX_NUMERAL = 5000  # characters; PyYAML reads `1:1:1` in quadratic time
_YAML = "tag:yaml.org,2002:"
_MERGE = f"{_YAML}merge"
_TEXTS = frozenset({f"{_YAML}str", f"{_YAML}value", _MERGE})  # the last are a bare `=` and `<<`
TUPLE = f"{_YAML}python/tuple"
_SCALARS = frozenset(
    f"{_YAML}{kind}" for kind in ("binary", "bool", "float", "int", "null", "timestamp")
)
# A text with so few brackets, and no line so indented, is at most some 800 deep.
_SAFE_FLOWS = 400
_SMALL = 20_000  # characters
_EVENT = 1
_VALUE = 7
_INDENTED = re.compile(r"^[-?: \t]{200}", re.MULTILINE)


def read_data(source: Source, suffix: str, marks: Marks, *, meter: Meter) -> dict[str, Any]:
    """Return the values of a YAML or JSON text.

    Args:
        source: the text.
        suffix: ".json", ".yaml" or ".yml".
        marks: takes down where the entries of every dict and list stand.
        meter: counts the work.

    Raises:
        LimitError: there are more values than a config may have.
        ConfigSyntaxError: the text is not in its language, has tags that would make objects, or
            is nested too deeply.
        ConfigKeyError: a key is given twice.
        ConfigTypeError: the top level is no mapping.
    """
    if suffix == ".json":
        from engine_config.json_file import read_json  # few configs are

        value = read_json(source, marks, meter=meter)
    else:
        value = _Yaml(source, marks, meter).read()
    if not isinstance(value, dict):
        raise source.error(
            f"the top level must be a mapping, not {type(value).__name__}", (1, 1), ConfigTypeError
        )
    return value


class _Yaml:
    def __init__(self, source: Source, marks: Marks, meter: Meter) -> None:
        self._source = source
        self._marks = marks
        self._meter = meter
        self._loader: Any = None

    def read(self) -> Any:
        """Return the value of the whole text."""
        import yaml  # slow to import, and most configs are Python

        kind = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            self._look_ahead(yaml, kind)
            self._loader = kind(self._source.text)
            node = self._loader.get_single_node()
            return {} if node is None else self._value(node, 0)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            if self._open_brackets(mark) > MAX_DEPTH:  # the library has a limit of its own
                raise self._wrong(f"this is nested more than {MAX_DEPTH} deep", place) from error
            told = ": ".join(part for part in (error.context, error.problem) if part)
            raise self._wrong(told, place) from None  # it has the text
        except (yaml.YAMLError, RecursionError, UnicodeEncodeError) as error:
            raise self._wrong(str(error).split("\n")[0], (0, 0)) from error
        finally:
            if self._loader is not None:
                self._loader.dispose()

    def _wrong(self, message: str, place: Place) -> ConfigError:
        return self._source.error(message, place, ConfigSyntaxError)

    def _open_brackets(self, mark: Any) -> int:
        """About how many brackets are open where an error is."""
        text = self._source.text
        before = text[: min(mark.index, len(text))] if mark is not None else ""
        return sum(map(before.count, "[{")) - sum(map(before.count, "]}"))

    def _look_ahead(self, yaml: Any, kind: Any) -> None:
        """Refuse what is deep or has many values before nodes are made of it.

        libyaml's recursion would end the process, and a node takes a thousand bytes.
        """
        text = self._source.text
        flat = text.count("[") + text.count("{") <= _SAFE_FLOWS and not _INDENTED.search(text)
        if flat and len(text) < _SMALL:
            return
        depth = 0
        for event in yaml.parse(text, kind):
            self._meter.spend(_EVENT)
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise self._wrong(f"this is nested more than {MAX_DEPTH} deep", _place(event))
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1

    def _value(self, node: Any, depth: int) -> Any:
        # an alias to a long text is not one value
        length = len(node.value) >> 6 if node.id == "scalar" else 0
        try:
            self._meter.spend(_VALUE + length)
        except LimitError as error:
            message = f"with its aliases this is more values than a config has: {error}"
            raise self._source.error(message, _place(node), ConfigLimitError) from error
        if depth > MAX_DEPTH:
            raise self._wrong(f"this is nested more than {MAX_DEPTH} deep", _place(node))
        if node.id == "scalar":
            return self._scalar(node)
        if node.id == "sequence" and node.tag in (f"{_YAML}seq", TUPLE):
            kind = tuple if node.tag == TUPLE else list
            values = kind([self._value(item, depth + 1) for item in node.value])
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
        if len(node.value) > _MAX_NUMERAL and node.tag != f"{_YAML}binary":
            raise self._wrong(f"{node.value!r:.40} is longer than a number is", _place(node))
        try:
            return self._loader.construct_object(node)
        except (ValueError, OverflowError) as error:
            raise self._wrong(f"{node.value!r:.40}: {error}", _place(node)) from None
        except (
            AttributeError,
            LookupError,
            TypeError,
        ):  # what PyYAML's table and pattern do not know
            kind = node.tag.removeprefix(_YAML)
            raise self._wrong(f"{node.value!r:.40} is no {kind}", _place(node)) from None

    def _tag(self, node: Any) -> ConfigError:
        shown = node.tag.replace(_YAML, "!!")
        return self._wrong(
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
                message = f"key {key!r} is given twice, first in line {seen[key][0]}"
                raise self._source.error(message, place, ConfigKeyError)
            self._meter.key(key, seen)
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
        raise self._wrong(f"a key is a text or a number: got {shown!r:.40}", _place(node))

    def _merge(
        self, node: Any, values: dict[Any, Any], places: dict[Key, Place], *, depth: int
    ) -> None:
        """Put in what `<<: *other` or `<<: [*first, *second]` stands for; the first one wins."""
        sources = reversed(node.value) if node.id == "sequence" else [node]
        for source in sources:
            self._meter.spend()
            part = self._value(source, depth + 1)
            if not isinstance(part, dict):
                message = "'<<' takes a mapping or a list of mappings"
                raise self._wrong(f"{message}: got {part!r:.40}", _place(source))
            values.update(part)
            places.update(self._marks.of(part))


def _place(node: Any) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1
