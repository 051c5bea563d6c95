"""Progress bar over inputs, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from engine_runner.logs.progress import wanted

__all__ = ["shown"]

_T = TypeVar("_T")


def shown(batches: Iterable[_T], total: int, *, batch_size: int = 1) -> Iterator[_T]:
    """Yield the batches, and show how many inputs are done while somebody watches.

    What is printed meanwhile appears above the bar. See `engine_runner.logs.progress.wanted` for
    when there is one.

    Args:
        batches: of inputs.
        total: how many inputs there are.
        batch_size: how many there are in a batch.
    """
    if not wanted():
        yield from batches
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    with Progress(
        TextColumn("inference"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        Remaining(compact=True),
        console=Console(file=sys.stdout, force_terminal=True, soft_wrap=True),
        transient=True,
    ) as bar:
        task = bar.add_task("inference", total=total)
        for number, batch in enumerate(batches, start=1):
            yield batch
            bar.update(task, completed=min(number * batch_size, total))
