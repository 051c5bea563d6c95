"""A function of many tasks, in one process or several, with rich's progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from functools import partial
from itertools import repeat
from typing import Any

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from mmengine.utils.progressbar import init_pool

__all__ = ["track_progress_rich"]


def track_progress_rich(
    func: Callable[..., Any],
    tasks: Iterable[Any] = (),
    task_num: int | None = None,
    nproc: int = 1,
    chunksize: int = 1,
    description: str = "Processing",
    color: str = "blue",
) -> list[Any]:
    """Return ``func`` of every task, in the tasks' order, and show the progress.

    Args:
        func: called with a task: a tuple or a list is its arguments, anything else its one.
        tasks: the tasks; with none, ``func`` is called ``task_num`` times without arguments.
        task_num: how many there are; by default the length of ``tasks``, if they have one.
        nproc: number of processes.
        chunksize: so many tasks travel to a process at once.
        description: stands before the bar.
        color: of the bar.

    Raises:
        TypeError: ``func`` can't be called, or ``tasks`` is no iterable.
        ValueError: ``nproc`` isn't positive, there is neither a task nor ``task_num``, or that is
            another number than the tasks have.
    """
    if not callable(func):
        raise TypeError(f"func must be callable, got {func!r}")
    if not isinstance(tasks, Iterable):
        raise TypeError(f"tasks must be iterable, got {tasks!r}")
    if nproc < 1:
        raise ValueError(f"nproc must be at least 1, got {nproc}")
    if isinstance(tasks, Sized):
        if not len(tasks):
            if task_num is None:
                raise ValueError("without tasks, task_num says how often func is called")
            tasks = repeat((), task_num)
        elif task_num not in (None, len(tasks)):
            raise ValueError(f"task_num is {task_num}, and there are {len(tasks)} tasks")
        else:
            task_num = len(tasks)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
    )
    work = partial(_call, func)
    with Progress(*columns) as progress:
        shown = progress.add_task(description, total=task_num, color=color)
        results = []
        for result in _run(work, tasks, nproc, chunksize=chunksize):
            results.append(result)
            progress.advance(shown)
    return results


def _run(
    work: Callable[[Any], Any], tasks: Iterable[Any], nproc: int, *, chunksize: int
) -> Iterator[Any]:
    if nproc == 1:
        yield from map(work, tasks)
        return
    with init_pool(nproc) as pool:
        yield from pool.imap(work, tasks, chunksize)


def _call(func: Callable[..., Any], task: Any) -> Any:
    return func(*task) if isinstance(task, tuple | list) else func(task)
