"""A pickle read into inert nodes: a machine for its instructions that imports and calls nothing.

What a pickle names stays a `Named`, what it wants to call a `Made` with the arguments beside it;
`engine_checkpoint.kinds` knows which of them are data, and makes these itself. Every
instruction costs what its bytes do, so reading is linear in a file's size.
"""

from __future__ import annotations

import _compat_pickle
import codecs
import struct
from collections.abc import Callable, Iterable
from mmap import mmap
from typing import Any, Final

__all__ = [
    "DICT",
    "FROZENSET",
    "LONGEST",
    "PERSISTENT",
    "SET",
    "Made",
    "Named",
    "PickleError",
    "nodes_of",
]

# What has instructions of its own, and isn't made before its members are known.
DICT: Final = "dict"
SET: Final = "builtins.set"
FROZENSET: Final = "builtins.frozenset"
PERSISTENT: Final = "a persistent id"

LONGEST: Final = 4096  # bytes of a number
_PYTHON_3: Final = 3  # the first protocol that calls things by Python 3's names


class PickleError(ValueError):
    """Bytes are no pickle, or one that is cut off."""


class Named:
    """A class or function that a pickle names."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Made:
    """What a pickle wants to be made.

    Attributes:
        name: of the class or function to call; or what the instruction makes.
        args: the arguments.
        is_new: whether ``__new__`` was to be called.
        state: what the object was to be given afterwards.
        items: what was to be appended.
        pairs: what was to be set by key.
    """

    __slots__ = ("args", "is_new", "items", "name", "pairs", "state")

    def __init__(self, name: str, args: Any = (), *, is_new: bool = False) -> None:
        self.name, self.args, self.is_new = name, args, is_new
        self.state: Any = None
        self.items: list[Any] = []
        self.pairs: list[tuple[Any, Any]] = []


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
    machine = _Machine(data, start)
    if persistent is not None:
        machine.persistent = persistent
    try:
        return machine.run(), machine.place
    except (IndexError, KeyError, ValueError, TypeError, struct.error) as error:
        raise PickleError(f"no pickle, or cut off: {type(error).__name__}: {error}") from error


class _Machine:
    def __init__(self, data: bytes | mmap, start: int) -> None:
        self.data, self.place, self.protocol = data, start, 0
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.persistent: list[Made] = []

    def run(self) -> Any:
        data, acts = self.data, _ACTS
        while True:
            code = data[self.place]
            self.place += 1
            if code == 0x2E:  # STOP
                return self.stack.pop()
            act = acts.get(code)
            if act is None:
                raise PickleError(f"an instruction {bytes([code])!r} that isn't read")
            act(self)

    def take(self, size: int) -> bytes:
        begin, self.place = self.place, self.place + size
        if size < 0 or self.place > len(self.data):
            raise PickleError("it is cut off")
        return self.data[begin : self.place]

    def number(self, layout: str) -> Any:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def line(self) -> str:
        end = self.data.find(b"\n", self.place)
        if end < 0:
            raise PickleError("it is cut off")
        begin, self.place = self.place, end + 1
        return self.data[begin:end].decode()

    def named(self, module: str, name: str) -> Named:
        """What is called so: of Python 2's names, which old protocols write, Python 3's."""
        if self.protocol < _PYTHON_3:
            new = _compat_pickle.NAME_MAPPING.get((module, name))
            module, name = new or (_compat_pickle.IMPORT_MAPPING.get(module, module), name)
        return Named(f"{module}.{name}")

    def marked(self) -> list[Any]:
        items, self.stack = self.stack, self.marks.pop()
        return items

    def extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        (target if type(target) is list else _made(target).items).extend(items)

    def set_items(self, items: list[Any]) -> None:
        _made(self.stack[-1]).pairs.extend(zip(items[::2], items[1::2], strict=True))

    def call(self, named: Any, args: Any, *, is_new: bool = False) -> None:
        if isinstance(named, Made):  # nothing that is made can be called: it stays unread
            named = Named(_result(named))
        if not isinstance(named, Named):
            raise PickleError(f"it calls a {type(named).__name__}")
        self.stack.append(Made(named.name, args, is_new=is_new))


def _result(made: Made) -> str:
    """What to call the result of a call."""
    args = made.args if isinstance(made.args, tuple) else ()
    if made.name.endswith(".getattr") and len(args) == 2 and isinstance(args[0], Named):
        return f"{args[0].name}.{args[1]!s:.60}"
    return f"what {made.name} returns"


def _made(value: Any) -> Made:
    if not isinstance(value, Made):
        raise PickleError(f"it changes a {type(value).__name__}")
    return value


def _push(read: Callable[[_Machine], Any]) -> Callable[[_Machine], None]:
    def act(machine: _Machine) -> None:
        value = read(machine)  # first: it may change which stack is the machine's
        machine.stack.append(value)

    return act


def _text(layout: str) -> Callable[[_Machine], None]:
    return _push(
        lambda machine: machine.take(machine.number(layout)).decode("utf-8", "surrogatepass")
    )


def _bytes(layout: str) -> Callable[[_Machine], None]:
    return _push(lambda machine: machine.take(machine.number(layout)))


def _old_text(layout: str) -> Callable[[_Machine], None]:
    return _push(lambda machine: _decoded(machine.take(machine.number(layout))))


def _decoded(raw: bytes) -> str:
    """A text of Python 2, which may have been bytes."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _quoted(machine: _Machine) -> str:
    line = machine.line()
    if len(line) < 2 or line[0] != line[-1] or line[0] not in "\"'":
        raise PickleError("a text without quotes")
    return _decoded(codecs.escape_decode(line[1:-1].encode())[0])


def _whole(machine: _Machine) -> int | bool:
    line = machine.line()
    return line == "01" if line in ("00", "01") else int(line)


def _long(layout: str) -> Callable[[_Machine], None]:
    def read(machine: _Machine) -> int:
        raw = machine.take(machine.number(layout))
        if len(raw) > LONGEST:  # what is done with them takes as long as its square
            raise PickleError(f"a number of {len(raw)} bytes")
        return int.from_bytes(raw, "little", signed=True)

    return _push(read)


def _protocol(machine: _Machine) -> None:
    machine.protocol = machine.take(1)[0]


def _mark(machine: _Machine) -> None:
    machine.marks.append(machine.stack)
    machine.stack = []


def _tuple(size: int) -> Callable[[_Machine], None]:
    def act(machine: _Machine) -> None:
        items = tuple(machine.stack[-size:])
        if len(items) < size:
            raise PickleError("it is cut off")
        machine.stack[-size:] = [items]

    return act


def _append(machine: _Machine) -> None:
    item = machine.stack.pop()
    machine.extend([item])


def _set_item(machine: _Machine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.set_items([key, value])


def _dict(machine: _Machine) -> None:
    items = machine.marked()
    machine.stack.append(Made(DICT))
    machine.set_items(items)


def _global(machine: _Machine) -> None:
    module, name = machine.line(), machine.line()
    machine.stack.append(machine.named(module, name))


def _stack_global(machine: _Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if type(name) is not str or type(module) is not str:
        raise PickleError("a name that is no text")
    machine.stack.append(Named(f"{module}.{name}"))


def _inst(machine: _Machine) -> None:
    module, name = machine.line(), machine.line()
    args = tuple(machine.marked())
    machine.call(machine.named(module, name), args)


def _obj(machine: _Machine) -> None:
    named, *args = machine.marked()
    machine.call(named, tuple(args))


def _reduce(machine: _Machine) -> None:
    args, named = machine.stack.pop(), machine.stack.pop()
    machine.call(named, args)


def _new(machine: _Machine) -> None:
    args, named = machine.stack.pop(), machine.stack.pop()
    machine.call(named, args, is_new=True)


def _new_with_keywords(machine: _Machine) -> None:
    keywords, args, named = (machine.stack.pop() for _ in range(3))
    if _made(keywords).pairs:
        raise PickleError("it calls by keyword")
    machine.call(named, args, is_new=True)


def _build(machine: _Machine) -> None:
    state = machine.stack.pop()
    _made(machine.stack[-1]).state = state


def _persistent(machine: _Machine) -> None:
    made = Made(PERSISTENT, machine.stack.pop())
    machine.persistent.append(made)
    machine.stack.append(made)


def _put(read: Callable[[_Machine], int]) -> Callable[[_Machine], None]:
    def act(machine: _Machine) -> None:
        machine.memo[read(machine)] = machine.stack[-1]

    return act


def _nothing(machine: _Machine) -> None:
    """Pass over what says nothing of the content."""


def _skip(size: int) -> Callable[[_Machine], None]:
    return lambda machine: _nothing(machine) if machine.take(size) else None


def _table(acts: Iterable[tuple[bytes, Callable[[_Machine], Any]]]) -> dict[int, Any]:
    return {code[0]: act for code, act in acts}


_ACTS: Final[dict[int, Callable[[_Machine], Any]]] = _table(
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
