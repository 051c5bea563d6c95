"""A pickle read into inert nodes: a machine for its instructions that imports and calls nothing.

What a pickle names stays a `Named`, what it wants to call a `Made` with the arguments beside it;
`engine_checkpoint.kinds` knows which of them are data, and makes these itself. Every
instruction costs what its bytes do, so reading is linear in a file's size.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["DICT", "FROZENSET", "PERSISTENT", "SET", "Made", "Named", "PickleError"]

# What has instructions of its own, and isn't made before its members are known.
DICT: Final = "dict"
SET: Final = "builtins.set"
FROZENSET: Final = "builtins.frozenset"
PERSISTENT: Final = "a persistent id"


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
