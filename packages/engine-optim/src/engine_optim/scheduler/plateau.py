"""Falling when a metric gets no better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine_logging import print_log
from engine_optim.scheduler.base import INF, ParamScheduler

__all__ = ["ReduceOnPlateauParamScheduler"]


class ReduceOnPlateauParamScheduler(ParamScheduler):
    """Multiplies by ``factor`` when a metric hasn't got better for ``patience`` validations.

    Args:
        optimizer: an optimizer, or a wrapper of one.
        param_name: the setting.
        monitor: the metric.
        rule: "less" or "greater": which is better.
        factor: below 1.
        patience: validations without getting better that are tolerated.
        threshold: what counts as better.
        threshold_rule: "rel" or "abs": whether it is a part of the best, or a difference to it.
        cooldown: validations after a change that don't count.
        min_value: not below this, for all groups or for each.
        eps: a change that is smaller isn't made.
        begin: the epoch, or in a training by iterations the iteration, after which a validation
            counts.
        end: that from which on none does.
        last_step: the last step that was made; -1 begins anew.
        by_epoch: for MMEngine's configs, in which it has to be True; the training tells.
        verbose: whether to log every change.

    Raises:
        ValueError: an argument is out of range.
    """

    need_val_args = True

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        monitor: str = "loss",
        rule: str = "less",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_rule: str = "rel",
        cooldown: int = 0,
        min_value: float | Sequence[float] = 0.0,
        eps: float = 1e-8,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        if not by_epoch:
            raise ValueError(f"{type(self).__name__} steps with validations: by_epoch must be True")
        if factor >= 1.0:
            raise ValueError(f"factor must be below 1, got {factor}")
        if rule not in ("less", "greater"):
            raise ValueError(f"rule is 'less' or 'greater', got {rule!r}")
        if threshold_rule not in ("rel", "abs"):
            raise ValueError(f"threshold_rule is 'rel' or 'abs', got {threshold_rule!r}")
        self.monitor = monitor
        self.rule = rule
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_rule = threshold_rule
        self.cooldown = cooldown
        self.eps = eps
        self.best = -math.inf if rule == "greater" else math.inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        number = len(optimizer.param_groups)
        self.min_values = [*min_value] if isinstance(min_value, Sequence) else [min_value] * number
        if len(self.min_values) != number:
            raise ValueError(f"min_value: {len(self.min_values)} values for {number} groups")
        super().__init__(optimizer, param_name, begin, end, last_step, by_epoch, verbose)

    def step(self, metrics: dict[str, Any] | None = None, *, at: int | None = None) -> None:
        """Look at a validation's numbers; without any, nothing happens.

        Args:
            metrics: the numbers by name.
            at: the epochs or iterations so far; None counts the validations.

        Raises:
            TypeError: they are no dict.
            ValueError: the watched one isn't among them.
        """
        if metrics is None:
            self._global_step = max(self._global_step, 0)  # as when the scheduler is made
            self._last_value = self._values()
            return
        if not isinstance(metrics, dict):
            raise TypeError(f"metrics must be a dict, got {metrics!r}")
        if self.monitor not in metrics:
            raise ValueError(
                f"{type(self).__name__} monitors {self.monitor!r}, and the validation gave "
                f"{sorted(metrics)}"
            )
        self._global_step = self._global_step + 1 if at is None else at
        if not self.begin <= self._global_step < self.end:
            self._last_value = self._values()
            return
        self.last_step += 1
        self._look_at(float(metrics[self.monitor]))
        self._last_value = self._values()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from where `state_dict` was called; load the optimizer's state before."""
        own = self.min_values
        super().load_state_dict(state_dict)
        if len(self.min_values) != len(own):
            self.min_values = own

    def _look_at(self, value: float) -> None:
        if self._is_better(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs <= self.patience:
            return
        self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        for index, (group, new) in enumerate(zip(self._groups(), self._get_value(), strict=True)):
            if self._get(group) - new > self.eps:
                self._set(group, new)
                self.print_value(self.verbose, index, new)

    def _get_value(self) -> list[Any]:
        pairs = zip(self._values(), self.min_values, strict=True)
        return [max(value * self.factor, lowest) for value, lowest in pairs]

    def _is_better(self, value: float) -> bool:
        if self.threshold_rule == "abs":
            bound = self.threshold
            better = value < self.best - bound, value > self.best + bound
        else:
            better = (
                value < self.best * (1.0 - self.threshold),
                value > self.best * (1.0 + self.threshold),
            )
        return better[0] if self.rule == "less" else better[1]

    def print_value(self, is_verbose: bool, group: int, value: float) -> None:
        """Log a change, with the step."""
        if is_verbose:
            print_log(
                f"step {self._global_step}: reducing {self.param_name} of group {group} to "
                f"{value:.4e}.",
                "current",
            )
