"""What Python's standard library has of values that a checkpoint may hold."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import fractions
import pathlib
import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from engine_checkpoint.kinds import Keep, Kind, raw_bytes, refuse
from engine_checkpoint.pickle_nodes import DICT, Made
from engine_checkpoint.standard_values import (
    builtin_names,
    make_container,
    make_defaultdict,
    make_deque,
    make_ordered_dict,
    write_defaultdict,
    write_dict,
    write_items,
    write_ordered,
)

__all__ = ["HASHING", "STANDARD"]

_MOST_DIGITS: Final = 4000  # of a fraction: reading them takes as long as their square


def _numbers(made: Made, least: int, most: int) -> tuple[int, ...]:
    if not least <= len(made.args) <= most or not all(type(x) is int for x in made.args):
        refuse(f"a {made.name} of {made.args!r:.60}")
    return tuple(made.args)


_ZONE = datetime.timezone


def _zoned(made: Made, of: Any) -> Any:
    raw, *zone = made.args
    if zone and not isinstance(zone[0], _ZONE):
        refuse("a time of an unknown zone")
    return of(raw_bytes(raw), *zone)


def _write_time(value: Any, _: Keep) -> Any:
    """With the present offset in the place of a zone, whose rules are on a machine's disk."""
    zone = value.tzinfo
    if zone is not None and not isinstance(zone, _ZONE):
        offset = value.utcoffset()
        zone = None if offset is None else _ZONE(offset)
    time = (value.hour, value.minute, value.second, value.microsecond)
    if isinstance(value, datetime.datetime):
        day = (value.year, value.month, value.day)
        return datetime.datetime(*day, *time, zone, fold=value.fold)
    return datetime.time(*time, zone, fold=value.fold)


def _path(made: Made) -> Any:
    name = made.name.rpartition(".")[2]
    if not all(isinstance(part, str) for part in made.args):
        refuse("a path that is no text")
    kind = {"PurePosixPath": pathlib.PurePosixPath, "PureWindowsPath": pathlib.PureWindowsPath}
    native = type(pathlib.Path())
    other = pathlib.PureWindowsPath if "Windows" in name else pathlib.PurePosixPath
    return (native if native.__name__ == name else kind.get(name, other))(*made.args)


def _write_path(value: Any, _: Keep) -> Any:
    kinds = (pathlib.PosixPath, pathlib.WindowsPath, pathlib.PurePosixPath)
    return next((k for k in kinds if isinstance(value, k)), pathlib.PureWindowsPath)(value)


def _text(made: Made, form: str) -> str:
    if len(made.args) != 1 or not isinstance(made.args[0], str):
        refuse(f"a {made.name} of {made.args!r:.60}")
    found: str = made.args[0]
    return found if re.fullmatch(form, found) else str(refuse("a number that is none"))


def _fraction(made: Made) -> Any:
    if len(made.args) == 1:
        text = _text(made, r"-?\d+(/\d+)?")
        if len(text) > 2 * _MOST_DIGITS:
            refuse("a fraction of very many digits")
        return fractions.Fraction(text)
    return fractions.Fraction(*_numbers(made, 2, 2))


def _uuid(made: Made) -> uuid.UUID:
    state = made.state if isinstance(made.state, Mapping) else {}
    return uuid.UUID(int=state.get("int", -1))


def _encoded(made: Made) -> bytes:
    """Bytes, as the pickles that Python 2 can read hold them."""
    if len(made.args) != 2 or made.args[1] not in ("latin1", "latin-1"):
        refuse(f"a text in {made.args[1:]!r:.60}")
    return raw_bytes(made.args[0])


def _write_number(value: Any, keep: Keep) -> Any:
    """Of a subclass, such as the members of an IntEnum, the number or text itself."""
    if isinstance(value, str):
        return str.__str__(value)
    kinds: tuple[Any, ...] = (bool, int, float, bytes, complex)
    plain = next(kind for kind in kinds if isinstance(value, kind))
    number = plain.__new__(plain, value)
    return keep(number, "") if plain is int else number


def _write_enum(value: enum.Enum, keep: Keep) -> Any:
    if isinstance(value, int | float | str | bytes):
        return _write_number(value, keep)
    raise TypeError(
        "a member of an Enum, which only its own code can make again: put its .value or .name in, "
        "or let it be an IntEnum or a StrEnum"
    )


# The more special types come first: the first kind that a value is of counts.
STANDARD: Final = (
    Kind(names=(), types=(enum.Enum,), write=_write_enum, read=lambda made: refuse(made.name)),
    Kind(
        names=builtin_names("complex"),
        read=lambda made: complex(*made.args),
        types=(complex,),
        write=_write_number,
    ),
    Kind(
        names=builtin_names("bytes"),
        read=lambda made: raw_bytes(made.args[0]) if made.args else b"",
        types=(bool, int, float, str, bytes),
        write=_write_number,
    ),
    Kind(names=("_codecs.encode",), read=_encoded),
    Kind(
        names=builtin_names("bytearray"),
        read=lambda made: bytearray(raw_bytes(made.args[0]) if made.args else b""),
        types=(bytearray,),
        write=lambda value, _: bytearray(value),
    ),
    Kind(
        names=builtin_names("list"),
        read=lambda made: make_container(made, list),
        types=(list,),
        write=lambda value, keep: write_items(keep, value),
    ),
    Kind(
        names=builtin_names("tuple"),
        read=lambda made: make_container(made, tuple),
        types=(tuple,),
        write=lambda value, keep: tuple(write_items(keep, value)),
    ),
    Kind(
        names=builtin_names("set"),
        read=lambda made: {*make_container(made, list)},
        types=(set,),
        write=lambda value, keep: {keep(each, f": a {type(each).__name__}") for each in value},
    ),
    Kind(
        names=builtin_names("frozenset"),
        read=lambda made: make_container(made, frozenset),
        types=(frozenset,),
        write=lambda value, keep: frozenset(
            keep(each, f": a {type(each).__name__}") for each in value
        ),
    ),
    Kind(
        names=("collections.Counter",),
        read=lambda made: make_container(made, collections.Counter),
        types=(collections.Counter,),
        write=lambda value, keep: collections.Counter(write_dict(value, keep)),
    ),
    Kind(
        names=("collections.defaultdict",),
        read=make_defaultdict,
        types=(collections.defaultdict,),
        write=write_defaultdict,
    ),
    Kind(
        names=("collections.OrderedDict",),
        read=make_ordered_dict,
        types=(collections.OrderedDict,),
        write=write_ordered,
    ),
    Kind(
        names=(DICT, *builtin_names("dict")),
        read=lambda made: make_container(made, dict),
        types=(dict, Mapping),
        write=write_dict,
    ),
    Kind(
        names=("collections.deque",),
        read=make_deque,
        types=(collections.deque,),
        write=lambda value, keep: collections.deque(write_items(keep, value), value.maxlen),
    ),
    Kind(
        names=builtin_names("range"),
        read=lambda made: range(*_numbers(made, 1, 3)),
        types=(range,),
        write=lambda value, keep: range(*write_items(keep, (value.start, value.stop, value.step))),
    ),
    Kind(
        names=builtin_names("slice"),
        read=lambda made: slice(*made.args),
        types=(slice,),
        write=lambda value, keep: slice(*write_items(keep, (value.start, value.stop, value.step))),
    ),
    Kind(
        names=("datetime.datetime",),
        read=lambda made: _zoned(made, datetime.datetime),
        types=(datetime.datetime,),
        write=_write_time,
    ),
    Kind(
        names=("datetime.date",),
        read=lambda made: datetime.date(raw_bytes(made.args[0])),  # type: ignore[call-arg,arg-type]  # as it pickles itself
        types=(datetime.date,),
        write=lambda value, _: datetime.date(value.year, value.month, value.day),
    ),
    Kind(
        names=("datetime.time",),
        read=lambda made: _zoned(made, datetime.time),
        types=(datetime.time,),
        write=_write_time,
    ),
    Kind(
        names=("datetime.timedelta",),
        read=lambda made: datetime.timedelta(*_numbers(made, 0, 3)),
        types=(datetime.timedelta,),
        write=lambda value, _: datetime.timedelta(value.days, value.seconds, value.microseconds),
    ),
    Kind(names=("datetime.timezone",), read=lambda made: _ZONE(*made.args), types=(_ZONE,)),
    Kind(
        names=tuple(
            f"pathlib{inner}.{pure}{kind}Path"
            for inner in ("", "._local")
            for pure in ("", "Pure")
            for kind in ("Posix", "Windows")
        ),
        read=_path,
        types=(pathlib.PurePath,),
        write=_write_path,
    ),
    Kind(
        names=("decimal.Decimal",),
        read=lambda made: decimal.Decimal(
            _text(made, r"[+-]?(\d+(\.\d*)?(E[+-]?\d+)?|\.\d+|Infinity|s?NaN\d*)")
        ),
        types=(decimal.Decimal,),
        write=lambda value, _: decimal.Decimal(value),
    ),
    Kind(
        names=("fractions.Fraction",),
        read=_fraction,
        types=(fractions.Fraction,),
        write=lambda value, keep: fractions.Fraction(
            keep(value.numerator, ".numerator"), keep(value.denominator, ".denominator")
        ),
    ),
    Kind(
        names=("uuid.UUID",),
        read=_uuid,
        types=(uuid.UUID,),
        write=lambda value, _: uuid.UUID(int=value.int),
    ),
)

# The kinds that hash what they are made from.
HASHING: Final = frozenset(
    {
        *builtin_names("set", "frozenset", "dict"),
        *(f"collections.{name}" for name in ("OrderedDict", "Counter", "defaultdict")),
    }
)
