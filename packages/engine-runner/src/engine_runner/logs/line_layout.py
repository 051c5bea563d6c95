"""Line layout: where each scalar stands in a log line, worked out once for names and kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["TIMES", "LineLayout", "is_rate", "layout_of"]

TIMES = ("time", "data_time")


class LineLayout(NamedTuple):
    """What a line looks like.

    Attributes:
        text: the line, to be filled in by ``%``.
        order: which values it is filled with, by their places among the scalars.
        num_first: how many of these stand before the estimate of the time that is left.
        num_times: how many after that before the memory.
    """

    text: str
    order: tuple[int, ...]
    num_first: int
    num_times: int

    def filled(self, values: Sequence[object], eta: str | None, memory: int | None) -> str:
        """Return the line.

        Args:
            values: the scalars.
            eta: the time that is left, as text; None if nobody knows, as when it was laid out.
            memory: the memory in use, likewise.
        """
        chosen = [values[place] for place in self.order]
        if memory is not None:
            chosen.insert(self.num_first + self.num_times, memory)
        if eta is not None:
            chosen.insert(self.num_first, eta)
        return self.text % tuple(chosen)


def layout_of(
    names: Sequence[str],
    kinds: Sequence[type],
    *,
    is_train: bool,
    has_eta: bool,
    has_memory: bool,
    digits: int,
) -> LineLayout:
    """Lay out a line: rates, the time that is left, times, memory, and in a training the rest.

    Args:
        names: of the scalars.
        kinds: of each, its type: floats are written with decimals.
        is_train: whether it is a training's; others have neither rates nor the rest.
        has_eta: whether the time that is left is written.
        has_memory: whether the memory is.
        digits: decimals.
    """
    place = {name: number for number, name in enumerate(names)}
    rates = [name for name in names if is_train and is_rate(name)]
    times = [name for name in TIMES if name in place]
    rest = [name for name in names if is_train and name not in TIMES and not is_rate(name)]

    def shown(name: str) -> str:
        number = f"%.{digits}f" if issubclass(kinds[place[name]], float) else "%s"
        return f"{_escaped(name)}: {number}"

    parts = [" ".join(f"{_escaped(name)}: %.{digits}e" for name in rates)] if is_train else []
    parts += ["eta: %s"] if has_eta else []
    parts += map(shown, times)
    parts += ["memory: %s"] if has_memory else []
    parts += map(shown, rest)
    order = tuple(place[name] for name in (*rates, *times, *rest))
    return LineLayout("  ".join(parts), order, len(rates), len(times))


def is_rate(name: str) -> bool:
    """Whether a scalar is a learning rate, by its name."""
    return name.endswith("lr")


def _escaped(name: str) -> str:
    return name.replace("%", "%%")
