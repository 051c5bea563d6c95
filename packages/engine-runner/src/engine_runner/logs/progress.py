"""A progress bar on a terminal."""

from __future__ import annotations

import logging
import os
import sys
from types import TracebackType
from typing import Any

from engine_logging.handlers import ConsoleHandler
from engine_runner.loaders import set_name_of
from engine_runner.protocols import RunnerLike

__all__ = ["ProgressBar", "wanted"]

_SHOWN = {"loss": "loss {:.4g}", "lr": "lr {:.3g}", "data_time": "data_time {:.4f} s"}


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
        runner: whose training, validation or test.
        mode: which of them.
    """

    def __init__(self, runner: RunnerLike, mode: str = "train") -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._runner = runner
        self._mode = mode
        self._text = ""
        bar = self

        class Asking(Progress):
            """Asks for the position before each drawing."""

            def get_renderables(self) -> Any:
                for task in self.task_ids:  # none yet when it is made
                    self.update(task, **bar._position())
                yield from super().get_renderables()

        self._progress = Asking(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[count]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[text]}", style="dim", markup=False),
            console=Console(file=sys.stdout, force_terminal=True, soft_wrap=True),
            refresh_per_second=4,
            transient=True,
        )
        self._progress.add_task(mode, total=None, text="", count="")
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

    def show(self, scalars: dict[str, Any]) -> None:
        """Take over what a log line says."""
        parts = [
            text.format(scalars[key])
            for key, text in _SHOWN.items()
            if isinstance(scalars.get(key), float)
        ]
        if parts:
            self._text = "  ".join(parts)

    def _position(self) -> dict[str, Any]:
        """What the bar shows now."""
        runner = self._runner
        if self._mode != "train":
            return {"description": self._evaluation(self._mode)}
        over = runner.state.reading_over
        if over is not None:
            done, number = over
            count = {"completed": done, "total": number, "count": f"{done}/{number}"}
            return {"description": "reading over", **count}
        total, epochs = runner.max_iters, runner.max_epochs
        stage = runner.message_hub.runtime_info.get("loop_stage", "train")
        named = "train"
        if epochs and epochs > 1:  # a validation belongs to the epoch that was finished
            epoch = min(runner.epoch + 1, epochs) if stage == "train" else max(runner.epoch, 1)
            named = f"epoch {epoch}/{epochs}"
        return {
            "description": named if stage == "train" else f"{named} · {self._evaluation(stage)}",
            "completed": runner.iter,
            "total": total,
            "count": f"{runner.iter}/{total}",
            "text": self._text,
        }

    def _evaluation(self, mode: str) -> str:
        """Validation or test, and which of several data sets is being read."""
        name = set_name_of(getattr(self._runner, f"{mode}_dataloader", None))
        return f"{mode} {name}" if name else mode


def _not_on_bar(record: logging.LogRecord) -> bool:
    return not getattr(record, "on_bar", False)
