"""Trial hook: tells a study what validations came to, and ends a training that is pruned."""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from engine_dist import broadcast_object_list, is_main_process
from engine_runner.cli.job.storage import STORAGE
from engine_runner.hooks import Hook
from engine_runner.protocols import RunnerLike
from engine_sweep.storage import beating, open_study

__all__ = ["MetricHook", "TrialHook"]

logger = logging.getLogger(__name__)


class MetricHook(Hook):
    """Lets the dry run of a sweep fail where its validation hasn't the number that counts.

    Args:
        metric: the number.
    """

    def __init__(self, metric: str) -> None:
        self._metric = metric

    def after_val_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Look for the number.

        Raises:
            KeyError: the validation has no such number.
        """
        _value(metrics, self._metric)


class TrialHook(Hook):
    """Reports validations to a study, of which one rank decides for all.

    The result is written by the training itself: it counts even if what started it has died. The
    address of the study, which may hold a password, is the environment variable `STORAGE`.

    Args:
        study: name of the study.
        trial: number of the trial.
        metric: the number of the validation that counts.
        clock: "epoch" or "iteration".
        value: "best" or "last".
        pruner: the pruner, as a config.
        keep_pruned: whether checkpoints of a pruned trial stay.
        heartbeat_s: how often it says that it lives.
    """

    priority = "LOWEST"

    def __init__(
        self,
        study: str,
        trial: int,
        *,
        metric: str,
        clock: str,
        value: str,
        pruner: dict[str, Any],
        keep_pruned: bool = False,
        heartbeat_s: int = 30,
    ) -> None:
        self._name, self._number = study, trial
        self._metric, self._clock, self._value = metric, clock, value
        self._pruner, self._keep_pruned, self._heartbeat_s = pruner, keep_pruned, heartbeat_s
        self._open = ExitStack()
        self._study: optuna.Study | None = None
        self._trial: optuna.Trial | None = None
        self._is_pruned = False

    def before_train(self, runner: RunnerLike) -> None:
        """Begin to say that the trial lives."""
        if not is_main_process():
            return
        pruner = dict(self._pruner)
        address = os.environ[STORAGE]
        self._study = open_study(address, self._name, heartbeat_s=self._heartbeat_s)
        self._study.pruner = getattr(optuna.pruners, pruner.pop("type"))(**pruner)
        frozen = self._study.get_trials(deepcopy=False)[self._number]
        self._trial = optuna.trial.Trial(self._study, frozen._trial_id)
        self._open.enter_context(beating(self._study, frozen._trial_id, self._heartbeat_s))

    def after_val_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Report the number, and end the training if the pruner says so.

        Raises:
            KeyError: the validation has no such number.
        """
        decision = [False]
        if self._trial is not None:
            value = _value(metrics, self._metric)
            step = runner.epoch if self._clock == "epoch" else runner.iter
            if step not in self._reported():  # again, after a resume
                self._trial.report(value, step)
            decision = [self._trial.should_prune()]
        broadcast_object_list(decision)
        if decision[0]:
            self._is_pruned = True
            loop: Any = runner
            loop.train_loop.stop_training = True

    def after_run(self, runner: RunnerLike) -> None:
        """Tell the result."""
        if self._trial is None or self._study is None:
            return
        self._open.close()
        reported = self._reported()
        if self._is_pruned:
            self._tell(None, TrialState.PRUNED)
            if not self._keep_pruned:
                _remove_checkpoints(Path(str(getattr(runner, "work_dir", ""))))
        elif not reported:
            raise RuntimeError(
                f"no validation was made, so that there is no {self._metric}: does the config have "
                "val_dataloader, val_cfg and val_evaluator, and a val_interval below its length?"
            )
        elif self._value == "last":
            self._tell(reported[max(reported)], None)
        else:
            choose = max if self._study.direction.name == "MAXIMIZE" else min
            self._tell(choose(reported.values()), None)

    def _tell(self, value: float | None, state: TrialState | None) -> None:
        assert self._study is not None
        try:
            self._study.tell(self._number, value, state=state)
        except ValueError as error:  # it was taken for dead, and another goes on with it
            logger.warning("trial %d: the result is not taken: %s", self._number, error)

    def _reported(self) -> dict[int, float]:
        assert self._study is not None
        trials = self._study.get_trials(deepcopy=False)
        return dict(trials[self._number].intermediate_values)


def _value(metrics: dict[str, float] | None, name: str) -> float:
    if metrics is None or name not in metrics:
        known = ", ".join(metrics or {}) or "none"
        raise KeyError(f"the validation has no {name!r}; it has {known}")
    return float(metrics[name])


def _remove_checkpoints(folder: Path) -> None:
    for path in (*folder.glob("*.pth"), folder / "last_checkpoint"):
        if path.is_file():
            path.unlink()
