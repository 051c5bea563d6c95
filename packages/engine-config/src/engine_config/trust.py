"""Trust: whether somebody vouches for what was read in one load."""

from __future__ import annotations

from typing import Any

__all__ = ["Trust"]


class Trust:
    """Whether somebody vouches for what was read in one load; everything that it gave knows it.

    Args:
        given: it is trusted; set it to change that.
    """

    __slots__ = ("given",)

    def __init__(self, given: bool = False) -> None:
        self.given = given

    def __deepcopy__(self, memo: dict[int, Any]) -> Trust:
        return self
