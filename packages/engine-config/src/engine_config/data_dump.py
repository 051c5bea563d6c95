"""Writing of YAML and JSON configs: plain values, refused where the format can't hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine_config.data_file import MAX_DEPTH, TUPLE
from engine_config.errors import (
    ConfigTypeError,
)

__all__ = ["dump_data"]

_MAX_BITS = 14_000  # 4,215 digits: Python writes at most 4,300 unless told

_JSON_WORDS = {True: "true", False: "false", None: "null"}


def dump_data(value: Mapping[str, Any], suffix: str) -> str:
    """Return plain values as YAML or JSON text; in JSON tuples become lists, and keys text.

    Raises:
        ConfigTypeError: a value, or a key, cannot be written; the message gives its path.
    """
    language = "JSON" if suffix == ".json" else "YAML"
    plain = _Plain(language).value(value, "", 0)
    if language == "JSON":
        import json

        text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
        return text if _is_unicode(text) else json.dumps(plain, indent=2) + "\n"
    text = _yaml_text(plain, allow_unicode=True)
    # a line break to PyYAML's reader, but not to its writer
    return _yaml_text(plain, allow_unicode=False) if "\x85" in text else text


def _yaml_text(plain: Any, *, allow_unicode: bool) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes tuples as such."""

    Dumper.add_representer(tuple, lambda dumper, each: dumper.represent_sequence(TUPLE, each))
    return str(yaml.dump(plain, Dumper=Dumper, sort_keys=False, allow_unicode=allow_unicode))


class _Plain:
    """Makes values such that a language writes them, and reads them back equal."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._is_yaml = language == "YAML"

    def value(self, value: Any, path: str, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ConfigTypeError(f"{path[:200]} is nested more than {MAX_DEPTH} deep")
        if isinstance(value, Mapping):
            prefix = f"{path}." if path else ""
            return {
                self._key(key, path): self.value(item, f"{prefix}{key}", depth + 1)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            parts = [self.value(item, f"{path}.{i}", depth + 1) for i, item in enumerate(value)]
            return tuple(parts) if self._is_yaml and isinstance(value, tuple) else parts
        return self._leaf(value, path)

    def _leaf(self, value: Any, path: str) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, float):
            return float(value)
        if isinstance(value, int) and value.bit_length() <= _MAX_BITS:
            return int(value)
        return self._other(value, path)

    def _other(self, value: Any, path: str) -> Any:
        """What is neither text nor a number that is written."""
        from datetime import date  # few values, and no reading, need these

        from engine_config.masked_repr import represented
        from engine_config.write import import_name

        if self._is_yaml and isinstance(value, bytes | date):
            return value
        name = import_name(value)
        if name is not None:
            return name
        shown = "of too many digits" if isinstance(value, int) else represented(value)[:60]
        raise ConfigTypeError(
            f"{path} is {type(value).__name__} {shown}, which {self._language} cannot hold; "
            "write a .py file, or give it as text, a number, a list or a dict"
        )

    def _text(self, value: str, path: str) -> str:
        text = str.__str__(value)  # of an enumeration's member, too
        if self._is_yaml and not _is_unicode(text):
            raise ConfigTypeError(
                f"{path} is {text!r:.60}: YAML cannot hold half a surrogate pair; write a .py file"
            )
        return text

    def _key(self, key: Any, path: str) -> Any:
        if isinstance(key, str):
            return self._text(key, path)
        if self._is_yaml and isinstance(key, bool | int | float | type(None)):
            return self._leaf(key, path)
        if isinstance(key, bool | type(None)):
            return _JSON_WORDS[key]
        if isinstance(key, int | float) and not self._is_yaml:
            return str(self._leaf(key, path))
        raise ConfigTypeError(
            f"{path or 'the top level'} has the key {key!r:.60}: in {self._language} a key is "
            f"text or a number; write a .py file"
        )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
