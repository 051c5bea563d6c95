"""Pickle machine: the stack on which the opcodes of a pickle put nodes; it executes nothing."""

from __future__ import annotations

import _compat_pickle
import struct
from collections.abc import Callable, Mapping
from mmap import mmap
from typing import Any, Final

from engine_checkpoint.pickle_nodes import (
    Made,
    Named,
    PickleError,
)

__all__ = ["Machine", "made", "result"]

_PYTHON_3: Final = 3  # the first protocol that calls things by Python 3's names


class Machine:
    """Stack, marks and memo of a pickle; `pickle_opcodes` says what each instruction does."""

    def __init__(self, data: bytes | mmap, start: int) -> None:
        self.data, self.place, self.protocol = data, start, 0
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.persistent: list[Made] = []

    def run(self, acts: Mapping[int, Callable[[Machine], Any]]) -> Any:
        """Return what is on the stack at the end.

        Args:
            acts: what each instruction does.

        Raises:
            PickleError: there is one that isn't known.
        """
        data = self.data
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
        """Return the next bytes."""
        begin, self.place = self.place, self.place + size
        if size < 0 or self.place > len(self.data):
            raise PickleError("it is cut off")
        return self.data[begin : self.place]

    def number(self, layout: str) -> Any:
        """Return the next number, of a layout of `struct`."""
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def line(self) -> str:
        """Return the next line, without its end."""
        end = self.data.find(b"\n", self.place)
        if end < 0:
            raise PickleError("it is cut off")
        begin, self.place = self.place, end + 1
        return self.data[begin:end].decode()

    def named(self, module: str, name: str) -> Named:
        """Return what is called so: of Python 2's names, which old protocols write, Python 3's."""
        if self.protocol < _PYTHON_3:
            new = _compat_pickle.NAME_MAPPING.get((module, name))
            module, name = new or (_compat_pickle.IMPORT_MAPPING.get(module, module), name)
        return Named(f"{module}.{name}")

    def marked(self) -> list[Any]:
        """Return what was put on the stack since the last mark."""
        items, self.stack = self.stack, self.marks.pop()
        return items

    def extend(self, items: list[Any]) -> None:
        """Put items into the list that is on top."""
        target = self.stack[-1]
        (target if type(target) is list else made(target).items).extend(items)

    def set_items(self, items: list[Any]) -> None:
        """Put keys and values, in turn, into what is on top."""
        made(self.stack[-1]).pairs.extend(zip(items[::2], items[1::2], strict=True))

    def call(self, named: Any, args: Any, *, is_new: bool = False) -> None:
        """Put the result of a call on top, which stays uncalled."""
        if isinstance(named, Made):  # nothing that is made can be called: it stays unread
            named = Named(result(named))
        if not isinstance(named, Named):
            raise PickleError(f"it calls a {type(named).__name__}")
        self.stack.append(Made(named.name, args, is_new=is_new))


def result(made: Made) -> str:
    """Return what to call the result of a call."""
    args = made.args if isinstance(made.args, tuple) else ()
    if made.name.endswith(".getattr") and len(args) == 2 and isinstance(args[0], Named):
        return f"{args[0].name}.{args[1]!s:.60}"
    return f"what {made.name} returns"


def made(value: Any) -> Made:
    """Return a value whose making the pickle asks for.

    Raises:
        PickleError: it is another one.
    """
    if not isinstance(value, Made):
        raise PickleError(f"it changes a {type(value).__name__}")
    return value
