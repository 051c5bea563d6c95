"""Annotations that the main rank alone loads, from a disk that thousands of ranks share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine_dataset.packed_list import PackedList
from engine_dist.objects import from_main

__all__ = ["set_by_main"]


def set_by_main(owner: Any, load: Callable[[], None]) -> None:
    """Let ``load`` set attributes of an object on the main rank; set the same on all others.

    Attributes that it makes or replaces are sent, and the facts of all samples, which it may
    change. Packed lists go as the arrays that they are.

    Raises:
        Exception: what ``load`` has raised, on the main rank; a RuntimeError elsewhere.
    """

    def loaded() -> dict[str, Any]:
        before = dict(vars(owner))
        load()
        return {
            name: _Arrays(value) if isinstance(value, PackedList) else value
            for name, value in vars(owner).items()
            if name == "_metainfo" or name not in before or before[name] is not value
        }

    for name, value in from_main(loaded).items():
        setattr(owner, name, value.packed() if isinstance(value, _Arrays) else value)


class _Arrays:
    """A packed list on its way: by itself it would be put into shared memory."""

    def __init__(self, packed: PackedList) -> None:
        self.data, self.ends = packed.arrays

    def packed(self) -> PackedList:
        return PackedList.from_arrays(self.data, self.ends)
