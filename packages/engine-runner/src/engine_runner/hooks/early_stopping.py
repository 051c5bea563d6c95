"""Ending a training that doesn't get better."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

from engine_runner.hooks.best_checkpoint import COMPARISONS, WORST, rule_of
from engine_runner.hooks.hook import Hook
from engine_runner.loaders import is_skipped
from engine_runner.protocols import RunnerLike

__all__ = ["EarlyStoppingHook"]


class EarlyStoppingHook(Hook):
    """Ends the training when a number of the validation no longer improves.

    How good it was, and how long ago, goes into checkpoints: a resume goes on counting.

    Args:
        monitor: the number's name, such as "accuracy/top1" or "val_loss".
        rule: "greater" or "less", whichever is better; by default the name tells.
        min_delta: an improvement is at least so large.
        strict: whether a validation without this number is an error; it is a warning otherwise.
        check_finite: whether NaN or infinity ends the training; otherwise NaN is no improvement.
        patience: this many validations in a row without an improvement end the training.
        stopping_threshold: a number better than this ends the training at once.

    Attributes:
        best_score: the best number so far.
        wait_count: validations since.

    Raises:
        ValueError: ``rule`` is neither, or isn't given and the name doesn't tell.
    """

    priority = "LOWEST"
    rule_map: ClassVar[dict[str, Callable[[float, float], bool]]] = dict(COMPARISONS)

    def __init__(
        self,
        monitor: str,
        rule: str | None = None,
        min_delta: float = 0.1,
        strict: bool = False,
        check_finite: bool = True,
        patience: int = 5,
        stopping_threshold: float | None = None,
    ) -> None:
        self.monitor = monitor
        self.rule = rule_of(monitor) if rule is None else rule
        if self.rule not in self.rule_map:
            raise ValueError(f"EarlyStoppingHook: rule is 'greater' or 'less', got {rule!r}")
        self.min_delta = min_delta if self.rule == "greater" else -min_delta
        self.strict = strict
        self.check_finite = check_finite
        self.patience = patience
        self.stopping_threshold = stopping_threshold
        self.wait_count = 0
        self.best_score: float = WORST[self.rule]

    def before_run(self, runner: RunnerLike) -> None:
        """Check that the training can be ended.

        Raises:
            TypeError: its loop doesn't look at ``stop_training``.
        """
        if runner.train_loop is not None and not hasattr(runner.train_loop, "stop_training"):
            raise TypeError(
                f"EarlyStoppingHook sets stop_training of the training loop, and "
                f"{type(runner.train_loop).__name__} has no such attribute"
            )

    def before_train(self, runner: RunnerLike) -> None:
        """Go on counting where a training that is resumed stood; one that had ended stays so."""
        state = runner.message_hub.get_info(self._key)
        if state is None:
            return
        self.best_score, self.wait_count = state["best_score"], state["wait_count"]
        stays_over = {
            "patience": self.wait_count >= self.patience,
            "stopping_threshold": self.stopping_threshold is not None,
            "check_finite": self.check_finite,
        }
        cause = state.get("stopped_by")
        if stays_over.get(cause, False) and runner.train_loop is not None:
            runner.train_loop.stop_training = True
            runner.logger.info(
                "The training had ended early, by the %s of EarlyStoppingHook: it is over. To go "
                "on, change that, or leave the hook out",
                cause,
            )

    @property
    def _key(self) -> str:
        return f"early_stopping/{self.monitor}"

    def after_val_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Look at the validation's number, and end the training if it is time.

        Raises:
            KeyError: ``strict``, and there is no such number.
            TypeError: it is no number.
        """
        metrics = metrics or {}
        if self.monitor not in metrics:
            if is_skipped(getattr(runner, "val_dataloader", None), self.monitor):
                return
            known = ", ".join(sorted(metrics)) or "nothing"
            message = f"the validation gave no {self.monitor!r} to stop by, but {known}"
            if self.strict:
                raise KeyError(f"EarlyStoppingHook: {message}")
            runner.logger.warning("EarlyStoppingHook: %s; it is passed over", message)
            return
        cause, reason = self._reason_to_stop(self._number(metrics[self.monitor]))
        state = {"best_score": self.best_score, "wait_count": self.wait_count, "stopped_by": cause}
        runner.message_hub.update_info(self._key, state)
        if reason and runner.train_loop is not None:
            runner.train_loop.stop_training = True
            runner.logger.info("The training ends early: %s", reason)

    def _number(self, value: Any) -> float:
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"EarlyStoppingHook: {self.monitor!r} must be a number to compare, "
                f"got {value!r:.200}"
            ) from error

    def _reason_to_stop(self, value: float) -> tuple[str, str]:
        """Put ``value`` down; by which argument to stop, and why, or nothing."""
        name, is_better = self.monitor, self.rule_map[self.rule]
        if self.check_finite and not math.isfinite(value):
            return "check_finite", f"{name} is {value}; it was {self.best_score:g} at best"
        if self.stopping_threshold is not None and is_better(value, self.stopping_threshold):
            self.best_score = value
            better = f"{name} is {value:g}, which is better than {self.stopping_threshold:g}"
            return "stopping_threshold", better
        # Not the comparison turned round: a rise by min_delta to the bit is enough.
        falls_short = is_better(self.best_score + self.min_delta, value)
        if falls_short or value == self.best_score or math.isnan(value):
            self.wait_count += 1
            if self.wait_count < self.patience:
                return "", ""
            least = f" by min_delta={abs(self.min_delta):g}" if self.min_delta else ""
            return "patience", (
                f"{name} did not improve{least} in the last "
                f"{self.wait_count} validations; it is compared with {self.best_score:g}"
            )
        self.best_score, self.wait_count = value, 0
        return "", ""
