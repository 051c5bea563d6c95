"""Progress of work that is done piece by piece: drawn by rich on a terminal, as text elsewhere."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.pool import Pool
from typing import Any, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from mmengine.utils.timer import Timer

__all__ = [
    "ProgressBar",
    "init_pool",
    "track_iter_progress",
    "track_parallel_progress",
    "track_progress",
]


class ProgressBar:
    """A bar that `update` moves on.

    A terminal shows it as it grows; any other file gets MMEngine's text at every step.

    Args:
        task_num: how many pieces there are; 0 if nobody knows.
        bar_width: of the bar, in characters.
        start: whether to show it at once.
        file: where; by default the standard output.
    """

    def __init__(
        self,
        task_num: int = 0,
        bar_width: int = 50,
        start: bool = True,
        file: TextIO | None = None,
    ) -> None:
        self.task_num, self.bar_width, self.completed = task_num, bar_width, 0
        self.file = sys.stdout if file is None else file
        self._console = Console(file=self.file)
        if start:
            self.start()

    @property
    def terminal_width(self) -> int:
        """Width of the terminal, in characters."""
        return self._console.width

    def start(self) -> None:
        """Show it, and begin to measure the time."""
        self.timer = Timer()
        self._progress: Progress | None = None
        if not self._console.is_terminal:
            if self.task_num:
                self._write(f"[{' ' * self.bar_width}] 0/{self.task_num}, elapsed: 0s, ETA:")
            else:
                self._write("completed: 0, elapsed: 0s")
            return
        self._progress = Progress(
            BarColumn(self.bar_width),
            MofNCompleteColumn(),
            TextColumn("elapsed"),
            TimeElapsedColumn(),
            *([TextColumn("ETA"), TimeRemainingColumn()] if self.task_num else []),
            console=self._console,
            auto_refresh=False,  # it moves when it is told to
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=self.task_num or None)
        self._progress.start()
        # The terminal's cursor comes back, even if the work ends before its end.
        self._stop = weakref.finalize(self, self._progress.stop)

    def update(self, num_tasks: int = 1) -> None:
        """Tell that so many further pieces are done.

        Raises:
            ValueError: that is less than one.
        """
        if num_tasks < 1:
            raise ValueError(f"num_tasks must be at least 1, got {num_tasks}")
        self.completed += num_tasks
        if self._progress is None:
            self._write_text()
            return
        self._progress.update(self._task, completed=self.completed, refresh=True)
        if 0 < self.task_num <= self.completed:
            self._stop()

    def _finish(self) -> None:
        """End the line, where it is text."""
        if self._progress is None:
            self._write("\n")

    def _write(self, text: str) -> None:
        self.file.write(text)
        self.file.flush()

    def _write_text(self) -> None:
        """Write how far the work is, with MMEngine's words, which scripts look for."""
        elapsed = self.timer.since_start() or 1e-9
        speed, seconds = self.completed / elapsed, int(elapsed + 0.5)
        if not self.task_num:
            self._write(f"completed: {self.completed}, elapsed: {seconds}s, {speed:.1f} tasks/s")
            return
        part = min(self.completed / self.task_num, 1.0)
        left = int(elapsed * (1 - part) / part + 0.5)
        marks = ">" * int(self.bar_width * part)
        self._write(
            f"\r[{marks:<{self.bar_width}}] {self.completed}/{self.task_num}, {speed:.1f} task/s, "
            f"elapsed: {seconds}s, ETA: {left:5}s"
        )


def track_progress(
    func: Callable[..., Any],
    tasks: Any,
    bar_width: int = 50,
    file: TextIO | None = None,
    **kwargs: Any,
) -> list[Any]:
    """Return ``func`` of every task, and show the progress.

    Args:
        func: called with a task, and ``kwargs``.
        tasks: a sequence, or (an iterable, its length).
        bar_width: of the bar.
        file: where it is shown.
        kwargs: further arguments of ``func``.

    Raises:
        TypeError: ``tasks`` is neither.
    """
    return [func(task, **kwargs) for task in track_iter_progress(tasks, bar_width, file)]


def track_iter_progress(
    tasks: Any, bar_width: int = 50, file: TextIO | None = None
) -> Iterator[Any]:
    """Yield every task, and show the progress.

    Raises:
        TypeError: ``tasks`` is neither a sequence nor (an iterable, its length).
    """
    every, count = _counted(tasks)
    return _iterated(every, ProgressBar(count, bar_width, file=file))


def _iterated(tasks: Iterable[Any], bar: ProgressBar) -> Iterator[Any]:
    for task in tasks:
        yield task
        bar.update()
    bar._finish()


def track_parallel_progress(
    func: Callable[..., Any],
    tasks: Any,
    nproc: int,
    initializer: Callable[..., Any] | None = None,
    initargs: tuple[Any, ...] | None = None,
    bar_width: int = 50,
    chunksize: int = 1,
    skip_first: bool = False,
    keep_order: bool = True,
    file: TextIO | None = None,
) -> list[Any]:
    """Return ``func`` of every task, worked out in ``nproc`` processes.

    Args:
        func: called with a task; like the tasks, it must be able to travel to a process.
        tasks: a sequence, or (an iterable, its length).
        nproc: number of processes.
        initializer: called first in each process.
        initargs: its arguments.
        bar_width: of the bar.
        chunksize: so many tasks travel at once.
        skip_first: whether the first chunk of each process doesn't count: it may take longer.
        keep_order: whether results stand in the order of the tasks; else as they come.
        file: where the progress is shown.

    Raises:
        TypeError: ``tasks`` is neither.
    """
    every, count = _counted(tasks)
    unseen = nproc * chunksize if skip_first else 0
    bar = ProgressBar(max(count - unseen, 0), bar_width, start=False, file=file)
    results: list[Any] = []
    with init_pool(nproc, initializer, initargs) as pool:
        run = pool.imap if keep_order else pool.imap_unordered
        for done, result in enumerate(run(func, every, chunksize), start=1):
            if done == unseen + 1 or not results:
                bar.start()
            results.append(result)
            if done > unseen:
                bar.update()
        pool.close()
        pool.join()
    if results:
        bar._finish()
    return results


def init_pool(
    process_num: int,
    initializer: Callable[..., Any] | None = None,
    initargs: tuple[Any, ...] | None = None,
) -> Pool:
    """Return a pool of processes, which leave an interruption to this one.

    Raises:
        TypeError: ``initargs`` is no tuple.
    """
    if initargs is not None and not isinstance(initargs, tuple):
        raise TypeError(f"initargs must be a tuple, got {initargs!r}")
    return multiprocessing.Pool(process_num, _begin, (initializer, initargs or ()))


def _begin(initializer: Callable[..., Any] | None, arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if initializer is not None:
        initializer(*arguments)


def _counted(tasks: Any) -> tuple[Iterable[Any], int]:
    """The tasks and how many there are."""
    if isinstance(tasks, tuple) and len(tasks) == 2 and isinstance(tasks[1], int):
        every, count = tasks
        if isinstance(every, Iterable):
            return every, count
    if isinstance(tasks, Sequence) or (hasattr(tasks, "__len__") and hasattr(tasks, "__iter__")):
        return tasks, len(tasks)
    raise TypeError(f"tasks must be a sequence, or (an iterable, its length): got {tasks!r:.200}")
