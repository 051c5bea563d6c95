"""Pickle opcodes: what each instruction of a pickle does to the stack of a machine."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable, Iterable
from mmap import mmap
from typing import Any, Final

from engine_checkpoint.pickle_machine import Machine, made
from engine_checkpoint.pickle_nodes import (
    DICT,
    FROZENSET,
    PERSISTENT,
    SET,
    Made,
    Named,
    PickleError,
)

__all__ = ["LONGEST", "nodes_of"]

LONGEST: Final = 4096  # bytes of a number


def nodes_of(
    data: bytes | mmap, start: int = 0, persistent: list[Made] | None = None
) -> tuple[Any, int]:
    """Return what a pickle holds, and where it ends.

    It is made of numbers, texts, bytes, lists and tuples, and of `Named` and `Made`.

    Args:
        data: bytes that hold it.
        start: where it begins.
        persistent: gets the persistent ids in it.

    Raises:
        PickleError: they hold none.
    """
    machine = Machine(data, start)
    if persistent is not None:
        machine.persistent = persistent
    try:
        return machine.run(_ACTS), machine.place
    except (IndexError, KeyError, ValueError, TypeError, struct.error) as error:
        raise PickleError(f"no pickle, or cut off: {type(error).__name__}: {error}") from error


def _push(read: Callable[[Machine], Any]) -> Callable[[Machine], None]:
    def act(machine: Machine) -> None:
        value = read(machine)  # first: it may change which stack is the machine's
        machine.stack.append(value)

    return act


def _text(layout: str) -> Callable[[Machine], None]:
    return _push(
        lambda machine: machine.take(machine.number(layout)).decode("utf-8", "surrogatepass")
    )


def _bytes(layout: str) -> Callable[[Machine], None]:
    return _push(lambda machine: machine.take(machine.number(layout)))


def _old_text(layout: str) -> Callable[[Machine], None]:
    return _push(lambda machine: _decoded(machine.take(machine.number(layout))))


def _decoded(raw: bytes) -> str:
    """A text of Python 2, which may have been bytes."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _quoted(machine: Machine) -> str:
    line = machine.line()
    if len(line) < 2 or line[0] != line[-1] or line[0] not in "\"'":
        raise PickleError("a text without quotes")
    return _decoded(codecs.escape_decode(line[1:-1].encode())[0])


def _whole(machine: Machine) -> int | bool:
    line = machine.line()
    return line == "01" if line in ("00", "01") else int(line)


def _long(layout: str) -> Callable[[Machine], None]:
    def read(machine: Machine) -> int:
        raw = machine.take(machine.number(layout))
        if len(raw) > LONGEST:  # what is done with them takes as long as its square
            raise PickleError(f"a number of {len(raw)} bytes")
        return int.from_bytes(raw, "little", signed=True)

    return _push(read)


def _protocol(machine: Machine) -> None:
    machine.protocol = machine.take(1)[0]


def _mark(machine: Machine) -> None:
    machine.marks.append(machine.stack)
    machine.stack = []


def _tuple(size: int) -> Callable[[Machine], None]:
    def act(machine: Machine) -> None:
        items = tuple(machine.stack[-size:])
        if len(items) < size:
            raise PickleError("it is cut off")
        machine.stack[-size:] = [items]

    return act


def _append(machine: Machine) -> None:
    item = machine.stack.pop()
    machine.extend([item])


def _set_item(machine: Machine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.set_items([key, value])


def _dict(machine: Machine) -> None:
    items = machine.marked()
    machine.stack.append(Made(DICT))
    machine.set_items(items)


def _global(machine: Machine) -> None:
    module, name = machine.line(), machine.line()
    machine.stack.append(machine.named(module, name))


def _stack_global(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if type(name) is not str or type(module) is not str:
        raise PickleError("a name that is no text")
    machine.stack.append(Named(f"{module}.{name}"))


def _inst(machine: Machine) -> None:
    module, name = machine.line(), machine.line()
    args = tuple(machine.marked())
    machine.call(machine.named(module, name), args)


def _obj(machine: Machine) -> None:
    named, *args = machine.marked()
    machine.call(named, tuple(args))


def _reduce(machine: Machine) -> None:
    args, named = machine.stack.pop(), machine.stack.pop()
    machine.call(named, args)


def _new(machine: Machine) -> None:
    args, named = machine.stack.pop(), machine.stack.pop()
    machine.call(named, args, is_new=True)


def _new_with_keywords(machine: Machine) -> None:
    keywords, args, named = (machine.stack.pop() for _ in range(3))
    if made(keywords).pairs:
        raise PickleError("it calls by keyword")
    machine.call(named, args, is_new=True)


def _build(machine: Machine) -> None:
    state = machine.stack.pop()
    made(machine.stack[-1]).state = state


def _persistent(machine: Machine) -> None:
    made = Made(PERSISTENT, machine.stack.pop())
    machine.persistent.append(made)
    machine.stack.append(made)


def _put(read: Callable[[Machine], int]) -> Callable[[Machine], None]:
    def act(machine: Machine) -> None:
        machine.memo[read(machine)] = machine.stack[-1]

    return act


def _nothing(machine: Machine) -> None:
    """Pass over what says nothing of the content."""


def _skip(size: int) -> Callable[[Machine], None]:
    return lambda machine: _nothing(machine) if machine.take(size) else None


def _table(acts: Iterable[tuple[bytes, Callable[[Machine], Any]]]) -> dict[int, Any]:
    return {code[0]: act for code, act in acts}


_ACTS: Final[dict[int, Callable[[Machine], Any]]] = _table(
    [
        *((b"\x80", _protocol), (b"\x95", _skip(8)), (b"(", _mark)),
        *((b"0", lambda m: m.stack.pop()), (b"1", lambda m: m.marked())),
        (b"2", lambda m: m.stack.append(m.stack[-1])),
        *((b"N", _push(lambda _: None)), (b"\x88", _push(lambda _: True))),
        (b"\x89", _push(lambda _: False)),
        *((b"F", _push(lambda m: float(m.line()))), (b"I", _push(_whole))),
        (b"L", _push(lambda m: int(m.line().removesuffix("L")))),
        *((b"J", _push(lambda m: m.number("<i"))), (b"K", _push(lambda m: m.number("B")))),
        *((b"M", _push(lambda m: m.number("<H"))), (b"G", _push(lambda m: m.number(">d")))),
        *((b"\x8a", _long("B")), (b"\x8b", _long("<i"))),
        *((b"S", _push(_quoted)), (b"T", _old_text("<i")), (b"U", _old_text("B"))),
        (b"V", _push(lambda m: m.line().encode("latin-1").decode("raw-unicode-escape"))),
        *((b"X", _text("<I")), (b"\x8c", _text("B")), (b"\x8d", _text("<Q"))),
        *((b"B", _bytes("<I")), (b"C", _bytes("B")), (b"\x8e", _bytes("<Q"))),
        (b"\x96", _push(lambda m: Made("builtins.bytearray", (m.take(m.number("<Q")),)))),
        *((b"]", _push(lambda _: [])), (b"l", _push(lambda m: m.marked())), (b"a", _append)),
        (b"e", lambda m: m.extend(m.marked())),
        *((b"}", _push(lambda _: Made(DICT))), (b"d", _dict), (b"s", _set_item)),
        (b"u", lambda m: m.set_items(m.marked())),
        *((b"\x8f", _push(lambda _: Made(SET))), (b"\x90", lambda m: m.extend(m.marked()))),
        (b"\x91", _push(lambda m: Made(FROZENSET, (m.marked(),)))),
        *((b")", _push(lambda _: ())), (b"t", _push(lambda m: tuple(m.marked())))),
        *((b"\x85", _tuple(1)), (b"\x86", _tuple(2)), (b"\x87", _tuple(3))),
        *((b"c", _global), (b"\x93", _stack_global), (b"i", _inst), (b"o", _obj)),
        *((b"\x81", _new), (b"\x92", _new_with_keywords), (b"R", _reduce), (b"b", _build)),
        *((b"Q", _persistent), (b"P", _push(lambda m: Made(PERSISTENT, m.line())))),
        *((b"p", _put(lambda m: int(m.line()))), (b"q", _put(lambda m: m.number("B")))),
        *((b"r", _put(lambda m: m.number("<I"))), (b"\x94", _put(lambda m: len(m.memo)))),
        (b"g", _push(lambda m: m.memo[int(m.line())])),
        *((b"h", _push(lambda m: m.memo[m.number("B")])),),
        (b"j", _push(lambda m: m.memo[m.number("<I")])),
    ]
)
