"""How a sweep goes, on a terminal: a line for each trial that ends, and what is left."""

from __future__ import annotations

import time
from typing import Any, Self

import click
from optuna.trial import FrozenTrial, TrialState
from rich.console import Console
from rich.live import Live

from engine_runner.compare.table import aligned
from engine_sweep.sweep import Sweep

__all__ = ["Progress"]

_WORDS = {
    TrialState.COMPLETE: "done",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}


class Progress:
    """Tells of each trial, and, on a terminal, keeps a line with the best and the time left.

    Args:
        sweep: the sweep.
    """

    def __init__(self, sweep: Sweep) -> None:
        self._sweep, self._began, self._ended = sweep, time.monotonic(), 0
        self._live = Live(console=Console(stderr=True), get_renderable=self._line)

    def __enter__(self) -> Self:
        if self._live.console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def ended(self, trial: FrozenTrial) -> None:
        """Tell of a trial that has ended here."""
        self._ended += 1
        click.echo("  ".join(self._row(trial)))
        if trial.state is TrialState.FAIL and trial.user_attrs.get("error"):
            click.echo(str(trial.user_attrs["error"]))

    def table(self) -> str:
        """Return all trials, the best first."""
        sign = -1.0 if self._sweep.settings.direction == "maximize" else 1.0

        def order(trial: FrozenTrial) -> tuple[bool, float]:
            done = trial.state is TrialState.COMPLETE and trial.value is not None
            return not done, sign * trial.value if done and trial.value is not None else 0.0

        rows = [self._row(trial) for trial in sorted(self._sweep.results(), key=order)]
        head = ["trial", "", self._sweep.settings.metric, *self._sweep.settings.space]
        return "\n".join(aligned([head, *rows]))

    def _row(self, trial: FrozenTrial) -> list[str]:
        value = "" if trial.value is None else f"{trial.value:.6g}"
        params = [_short(trial.params.get(key, "")) for key in self._sweep.settings.space]
        return [self._sweep.folder(trial).name, _WORDS[trial.state], value, *params]

    def _line(self) -> str:
        trials = self._sweep.results()
        ended = sum(each.state.is_finished() for each in trials)
        running = sum(each.state is TrialState.RUNNING for each in trials)
        parts = [f"{ended} of {self._sweep.settings.trials}", f"{running} running"]
        if any(each.state is TrialState.COMPLETE for each in trials):
            parts.insert(1, f"best {self._sweep.study.best_value:.6g}")
        if self._ended:
            each_s = (time.monotonic() - self._began) / self._ended
            left = (self._sweep.settings.trials - ended) * each_s
            parts.append(f"{left / 60:.0f} min left")
        return ", ".join(parts)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
