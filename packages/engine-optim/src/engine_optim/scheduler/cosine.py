"""Schedulers along a cosine (Loshchilov & Hutter, arXiv:1608.03983, eq. 5)."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from engine_optim.scheduler.base import INF, ParamScheduler, iterations

__all__ = ["CosineAnnealingParamScheduler", "CosineRestartParamScheduler"]


class CosineAnnealingParamScheduler(ParamScheduler):
    """Falls to ``eta_min`` along half a cosine (Loshchilov & Hutter, arXiv:1608.03983, eq. 5).

    Args:
        optimizer: an optimizer, or a wrapper of one.
        param_name: the setting.
        T_max: steps of half a cosine; by default ``end - begin``.
        eta_min: the lowest value.
        begin: the step to begin with.
        end: the step to end before.
        last_step: the last step that was made; -1 begins anew.
        by_epoch: whether steps are epochs.
        verbose: whether to log every change.
        eta_min_ratio: the lowest value as a fraction of the initial one, instead of ``eta_min``.

    Raises:
        ValueError: both ``eta_min`` and ``eta_min_ratio`` are given.
    """

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        T_max: int | None = None,
        eta_min: float | None = None,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
        eta_min_ratio: float | None = None,
    ) -> None:
        self.T_max = T_max or (end - begin)
        self.eta_min, self.eta_min_ratio = _lowest(eta_min, eta_min_ratio)
        super().__init__(optimizer, param_name, begin, end, last_step, by_epoch, verbose)

    @classmethod
    def build_iter_from_epoch(
        cls,
        *args: Any,
        T_max: int | None = None,
        begin: int = 0,
        end: int = INF,
        by_epoch: bool = True,
        epoch_length: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return one that counts iterations, of arguments in epochs.

        Raises:
            ValueError: ``by_epoch`` is False, or ``epoch_length`` missing.
        """
        span = iterations(cls.__name__, begin, end, by_epoch=by_epoch, epoch_length=epoch_length)
        scaled = None if T_max is None else T_max * int(epoch_length or 1)
        make: Any = cls
        return make(*args, T_max=scaled, **kwargs, **span)

    def _get_value(self) -> list[Any]:
        values, step, length = self._values(), self.last_step, self.T_max
        if step == 0:
            return values
        lowest = _lowest_of(self)
        if (step - 1 - length) % (2 * length) == 0:
            rise = (1 - math.cos(math.pi / length)) / 2
            pairs = zip(values, self.base_values, lowest, strict=True)
            return [value + (base - low) * rise for value, base, low in pairs]
        fall = _cosine(step, length) / _cosine(step - 1, length)
        return [fall * (value - low) + low for value, low in zip(values, lowest, strict=True)]


class CosineRestartParamScheduler(ParamScheduler):
    """Falls along half a cosine, again and again (Loshchilov & Hutter, arXiv:1608.03983, eq. 5).

    Args:
        optimizer: an optimizer, or a wrapper of one.
        param_name: the setting.
        periods: steps of each fall.
        restart_weights: the height of each, as a fraction of the initial value.
        eta_min: the lowest value.
        eta_min_ratio: the lowest value as a fraction of the initial one, instead of ``eta_min``.
        begin: the step to begin with.
        end: the step to end before.
        last_step: the last step that was made; -1 begins anew.
        by_epoch: whether steps are epochs.
        verbose: whether to log every change.

    Raises:
        ValueError: there are not as many weights as periods, or both lowest values are given.
    """

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        periods: list[int],
        restart_weights: Sequence[float] = (1,),
        eta_min: float | None = None,
        eta_min_ratio: float | None = None,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        if len(periods) != len(restart_weights):
            raise ValueError(
                f"CosineRestartParamScheduler: {len(periods)} periods, but {len(restart_weights)} "
                "restart_weights"
            )
        self.eta_min, self.eta_min_ratio = _lowest(eta_min, eta_min_ratio)
        self.periods = list(periods)
        self.restart_weights = list(restart_weights)
        self.cumulative_periods = [sum(periods[: i + 1]) for i in range(len(periods))]
        super().__init__(optimizer, param_name, begin, end, last_step, by_epoch, verbose)

    @classmethod
    def build_iter_from_epoch(
        cls,
        *args: Any,
        periods: list[int],
        begin: int = 0,
        end: int = INF,
        by_epoch: bool = True,
        epoch_length: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return one that counts iterations, of arguments in epochs.

        Raises:
            ValueError: ``by_epoch`` is False, or ``epoch_length`` missing.
        """
        span = iterations(cls.__name__, begin, end, by_epoch=by_epoch, epoch_length=epoch_length)
        scaled = [period * int(epoch_length or 1) for period in periods]
        make: Any = cls
        return make(*args, periods=scaled, **kwargs, **span)

    @staticmethod
    def get_position_from_periods(iteration: int, cumulative_periods: list[int]) -> int | None:
        """Return which period a step is in; None after the last."""
        found = bisect_right(cumulative_periods, iteration)
        return None if found == len(cumulative_periods) else found

    def _get_value(self) -> list[Any]:
        index = self.get_position_from_periods(self.last_step, self.cumulative_periods)
        values = self._values()
        if index is None:
            return values
        length = self.periods[index]
        step = self.last_step - (self.cumulative_periods[index - 1] if index else 0)
        if step == 0:
            return [base * self.restart_weights[index] for base in self.base_values]
        fall = _cosine(step, length) / _cosine(step - 1, length)
        pairs = zip(values, _lowest_of(self), strict=True)
        return [low + fall * (value - low) for value, low in pairs]


def _cosine(step: int, length: int) -> float:
    """Twice the height of half a cosine; not 0 before its end."""
    return 1 + math.cos(math.pi * step / length)


def _lowest(eta_min: float | None, ratio: float | None) -> tuple[float | None, float | None]:
    if eta_min is not None and ratio is not None:
        raise ValueError(f"give eta_min or eta_min_ratio, not both: got {eta_min} and {ratio}")
    return (0.0 if eta_min is None and ratio is None else eta_min), ratio


def _lowest_of(scheduler: Any) -> list[float]:
    """The lowest value for each group."""
    ratio = scheduler.eta_min_ratio
    if ratio is None:
        return [scheduler.eta_min] * len(scheduler.base_values)
    return [base * ratio for base in scheduler.base_values]
