"""Texts that a config makes: ``str``, ``%``, ``format``, f-strings, and methods of texts.

Nothing here asks a value for an attribute, and every text is paid for before it is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from string import Formatter
from typing import Any, NamedTuple

from engine_config.evaluator_values import NUMBERS, excerpt
from engine_config.meter import MAPPINGS, LimitError, Meter, Refusal, size_bytes

__all__ = [
    "TEXT_METHODS",
    "bytes_method",
    "decoded",
    "formatted",
    "numeral",
    "percent",
    "shown",
    "text_method",
]

MAX_WIDTH = 10_000
MAX_NUMERAL = 20_000
_UNLIMITED_BASES = {
    0: 4,
    2: 1,
    4: 2,
    8: 3,
    16: 4,
    32: 5,
}  # bits a digit, where Python sets no limit
_CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}
_PARENTHESIS = re.compile(r"[()]")
_NUMBERS = re.compile(r"\d{1,30}")
# Decoders that are part of Python itself; others are modules, imported by their names.
_ENCODINGS = frozenset({"ascii", "latin-1", "latin1", "utf-8", "utf8"})
_EXPANSION = 3  # of a text in upper case, at most


def shown(meter: Meter, value: Any, conversion: str = "s") -> str:
    """Return ``str``, ``repr`` or ``ascii`` of a value."""
    if type(value) is str and conversion == "s":
        return value
    meter.walk(value, shown=True)
    return _CONVERSIONS[conversion](value)


def decoded(meter: Meter, raw: Any, *args: Any, **kwargs: Any) -> str:
    """Return bytes as text, by one of the encodings that are part of Python itself."""
    encoding, errors = _codec(*args, **kwargs)
    if type(raw) is not bytes:
        raise TypeError(f"decoding to str: need bytes, {type(raw).__name__} found")
    if type(encoding) is not str or type(errors) is not str:
        raise TypeError("an encoding is named by a text")
    if encoding not in _ENCODINGS or errors not in ("strict", "ignore", "replace"):
        raise Refusal(f"the encoding {excerpt(encoding)}")
    meter.made(4 * len(raw))
    return raw.decode(encoding, errors)


def _codec(encoding: Any = "utf-8", errors: Any = "strict") -> tuple[Any, Any]:
    return encoding, errors


def numeral(meter: Meter, text: Any, base: int = 10) -> None:
    """Pay for reading a number from ``text``."""
    if type(text) not in (str, bytes):
        return
    if len(text) > MAX_NUMERAL:
        raise LimitError(f"a number is read from at most {MAX_NUMERAL:,} characters")
    meter.spend(1 + (len(text) >> 3))
    if base in _UNLIMITED_BASES:
        meter.bits(len(text) * _UNLIMITED_BASES[base])


def formatted(meter: Meter, value: Any, *, conversion: str = "", spec: str = "") -> str:
    """Return what a field of a format or an f-string becomes."""
    if conversion:
        value = shown(meter, value, conversion)
    _check_width(meter, spec)
    if spec and type(value) not in NUMBERS and type(value) is not str:
        if not isinstance(value, list | tuple | dict | set | frozenset | type(None)):
            raise Refusal(f"a format of {type(value).__name__}")
    elif not spec:
        return shown(meter, value)
    meter.walk(value, shown=True)
    return format(value, spec)


def _check_width(meter: Meter, spec: str) -> None:
    """Pay for the width and the precision that a specification asks for."""
    width = sum(int(number) for number in _NUMBERS.findall(spec))
    if width > MAX_WIDTH:
        raise LimitError(f"a field is at most {MAX_WIDTH:,} wide: got {spec!r:.60}")
    meter.spend(1 + (width >> 3))


def _format(meter: Meter, text: str, *, args: list[Any], kwargs: dict[str, Any]) -> str:
    """``text.format(*args, **kwargs)``, whose fields are plain names and indices."""
    parts: list[str] = []
    automatic = 0
    for literal, field, spec, conversion in Formatter().parse(text):
        meter.made(len(literal))
        parts.append(literal)
        if field is None:
            continue
        if "." in field or "[" in field:
            raise Refusal(f"a field of format that is no plain name or index, {excerpt(field)},")
        if spec and "{" in spec:
            raise Refusal("a width that is itself a field")
        if not field:
            field, automatic = str(automatic), automatic + 1
        value = args[int(field)] if field.isdecimal() and len(field) < 9 else kwargs[field]
        parts.append(formatted(meter, value, conversion=conversion or "", spec=spec or ""))
    meter.made(sum(map(size_bytes, parts)))
    return "".join(parts)


class _Field(NamedTuple):
    key: str | None
    size: str  # width and precision


def _fields(text: str) -> Iterator[_Field]:
    """The fields of a text for ``%``, as far as it is well-formed."""
    at = text.find("%")
    while at >= 0:
        at += 1
        key = None
        if text[at : at + 1] == "(":
            end = _closing(text, at)
            if end < 0:
                return
            key, at = text[at + 1 : end], end + 1
        start = at
        while text[at : at + 1] and text[at] in "#0- +.*123456789hlL":
            at += 1
        if text[at : at + 1] != "%":
            yield _Field(key, text[start:at])
        at = text.find("%", at + 1)


def _closing(text: str, at: int) -> int:
    """Where the parenthesis at ``at`` is closed, -1 if it is not."""
    depth = 0
    for found in _PARENTHESIS.finditer(text, at):
        depth += 1 if found[0] == "(" else -1
        if depth == 0:
            return found.start()
    return -1


def percent(meter: Meter, left: Any, right: Any) -> Any:
    """``left % right`` for a text or bytes."""
    meter.made(2 * size_bytes(left))
    text = left if isinstance(left, str) else left.decode("latin-1")
    if type(right) is tuple:
        meter.walk(right, shown=True)
    for field in _fields(text):
        if "*" in field.size:
            raise LimitError("a width from the arguments of % is not evaluated")
        _check_width(meter, field.size)
        if type(right) in MAPPINGS and field.key is not None:
            meter.walk(dict.get(right, field.key), shown=True)
        elif type(right) is not tuple:
            meter.walk(right, shown=True)
    return left % right


def _check_join(meter: Meter, text: str, *, args: list[Any], kwargs: dict[str, Any]) -> None:
    if args:
        args[0] = meter.all_of(args[0])
        meter.walk(*args[0])
        meter.made(len(args[0]) * size_bytes(text))


def _check_replace(meter: Meter, text: str, *, args: list[Any], kwargs: dict[str, Any]) -> None:
    if len(args) >= 2 and all(type(part) is str for part in args[:2]):
        _search(meter, text, args[0])
        count = text.count(args[0])
        wide = 1 if text.isascii() and args[1].isascii() else 4
        meter.made(wide * (len(text) + count * len(args[1])))


def _check_width_argument(
    meter: Meter, text: str, *, args: list[Any], kwargs: dict[str, Any]
) -> None:
    if args and isinstance(args[0], int):
        meter.made(max(size_bytes(text), 4 * args[0]))


def _search(meter: Meter, text: str, needle: Any) -> None:
    """Pay for looking for ``needle`` from the left."""
    length = len(needle) if isinstance(needle, str | bytes) else 1
    meter.spend(1 + (size_bytes(text) >> 5) + (len(text) * min(length, 100) >> 10))


def _check_search(meter: Meter, text: str, *, args: list[Any], kwargs: dict[str, Any]) -> None:
    _search(meter, text, args[0] if args else "")


def _check_product(meter: Meter, text: str, *, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Looking from the right, and for any of some characters, takes the product of the lengths."""
    given = args[0] if args else kwargs.get("sep")
    length = len(given) if isinstance(given, str | bytes) else 1
    meter.spend(1 + (size_bytes(text) >> 5) + (len(text) * length >> 9))


def _check_split(meter: Meter, text: str, *, args: list[Any], kwargs: dict[str, Any]) -> None:
    separator = args[0] if args else kwargs.get("sep")
    _check_product(meter, text, args=args, kwargs=kwargs)
    if type(separator) is str and separator:
        meter.spend(text.count(separator) * 2)
    else:
        meter.spend(len(text))


def _check_lines(meter: Meter, text: str, *, args: list[Any], kwargs: dict[str, Any]) -> None:
    meter.spend(len(text))


def _check_ends(meter: Meter, text: str, *, args: list[Any], kwargs: dict[str, Any]) -> None:
    meter.walk(*args)


def _check_all(meter: Meter, text: str, *, args: list[Any], kwargs: dict[str, Any]) -> None:
    meter.made(_EXPANSION * size_bytes(text))


def _names(names: str, check: Any) -> dict[str, Any]:
    return dict.fromkeys(names.split(), check)


TEXT_METHODS: Mapping[str, Any] = {
    **_names(
        "capitalize casefold isalnum isalpha isdecimal isdigit isidentifier islower isnumeric "
        "isspace istitle isupper lower swapcase title upper",
        _check_all,
    ),
    **_names("count find index partition", _check_search),
    **_names("rfind rindex rpartition strip lstrip rstrip", _check_product),
    **_names("split rsplit", _check_split),
    **_names("endswith startswith removeprefix removesuffix", _check_ends),
    **_names("zfill ljust rjust center", _check_width_argument),
    "splitlines": _check_lines,
    "join": _check_join,
    "replace": _check_replace,
    "format": None,
}


def text_method(
    meter: Meter, owner: str, name: str, *, args: list[Any], kwargs: dict[str, Any]
) -> Any:
    """Call a method of a text."""
    if name == "format":
        return _format(meter, owner, args=args, kwargs=kwargs)
    TEXT_METHODS[name](meter, owner, args=args, kwargs=kwargs)
    if name in ("removeprefix", "removesuffix", "partition", "rpartition"):
        meter.made(size_bytes(owner))
    return getattr(str, name)(owner, *args, **kwargs)


def bytes_method(
    meter: Meter, raw: bytes, name: str, *, args: list[Any], kwargs: dict[str, Any]
) -> Any:
    """Call a method of bytes."""
    if name == "decode":
        return decoded(meter, raw, *args, **kwargs)
    meter.made(4 * len(raw))
    meter.walk(*args)
    return getattr(bytes, name)(raw, *args, **kwargs)
