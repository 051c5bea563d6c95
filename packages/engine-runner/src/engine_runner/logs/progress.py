"""A progress bar on a terminal."""

from __future__ import annotations

import logging
import os
import sys
from types import TracebackType
from typing import Any

from engine_logging.handlers import ConsoleHandler
from engine_runner.protocols import RunnerLike

__all__ = ["ProgressBar", "wanted"]

_SHOWN = ("loss", "lr", "data_time")


def wanted() -> bool:
    """Whether somebody is watching: on a terminal that can move its cursor.

    ``ENGINE_PROGRESS=0`` in the environment says no, ``ENGINE_PROGRESS=1`` says yes.
    """
    asked = os.environ.get("ENGINE_PROGRESS")
    if asked is not None:
        return asked not in ("", "0")
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


class ProgressBar:
    """Shows on the terminal how far a training is, four times a second.

    Where it stands is read by the thread that draws: an iteration costs nothing. Loss, learning
    rate and data time are those of the last log line, which goes to the log file alone meanwhile.

    Args:
        runner: whose training.
    """

    def __init__(self, runner: RunnerLike) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._runner = runner
        self._text = ""
        self._mode = "train"
        bar = self

        class Live(Progress):
            """Asks for the position before each drawing."""

            def get_renderables(self) -> Any:
                bar._update()
                yield from super().get_renderables()

        self._progress = Live(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[text]}", style="dim"),
            console=Console(file=sys.stdout, force_terminal=True),
            refresh_per_second=4,
            transient=True,
        )
        self._task = self._progress.add_task("train", total=None, text="", start=True)
        self._handlers: list[logging.Handler] = []

    def __enter__(self) -> ProgressBar:
        logger = self._runner.logger
        self._handlers = [each for each in logger.handlers if isinstance(each, ConsoleHandler)]
        for handler in self._handlers:
            handler.addFilter(_not_on_bar)
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()
        for handler in self._handlers:
            handler.removeFilter(_not_on_bar)

    def show(self, mode: str, scalars: dict[str, Any]) -> None:
        """Take over what a log line says."""
        self._mode = mode
        if scalars:
            parts = [
                f"{key} {value:.4g}"
                for key in _SHOWN
                if isinstance(value := scalars.get(key), float)
            ]
            self._text = "  ".join(parts)

    def _update(self) -> None:
        runner = self._runner
        total = runner.max_iters
        max_epochs = runner.max_epochs
        epoch = f"epoch {min(runner.epoch + 1, max_epochs)}/{max_epochs}" if max_epochs else ""
        named = epoch if max_epochs and max_epochs > 1 else "train"
        self._progress.update(
            self._task,
            completed=runner.iter,
            total=total,
            description=named if self._mode == "train" else f"{named} · {self._mode}",
            text=self._text,
        )


def _not_on_bar(record: logging.LogRecord) -> bool:
    return not getattr(record, "on_bar", False)
