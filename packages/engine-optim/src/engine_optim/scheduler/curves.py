"""Schedulers whose next value follows from the present one."""

from __future__ import annotations

from typing import Any

from engine_optim.scheduler.base import INF, ParamScheduler, iterations

__all__ = [
    "ConstantParamScheduler",
    "ExponentialParamScheduler",
    "LinearParamScheduler",
    "PolyParamScheduler",
]


class _Plain(ParamScheduler):
    """Its only lengths are begin and end."""

    @classmethod
    def build_iter_from_epoch(
        cls,
        *args: Any,
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
        make: Any = cls
        return make(
            *args,
            **kwargs,
            **iterations(cls.__name__, begin, end, by_epoch=by_epoch, epoch_length=epoch_length),
        )


class ConstantParamScheduler(_Plain):
    """Multiplies by ``factor`` until the last step, at which it takes that back.

    Args:
        optimizer: an optimizer, or a wrapper of one.
        param_name: the setting.
        factor: in [0, 1].
        begin: the step to begin with.
        end: the step to end before.
        last_step: the last step that was made; -1 begins anew.
        by_epoch: whether steps are epochs.
        verbose: whether to log every change.

    Raises:
        ValueError: ``factor`` is out of range.
    """

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        factor: float = 1.0 / 3,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        _within_one("ConstantParamScheduler: factor", factor, low=True)
        self.factor = factor
        self.total_iters = end - begin - 1
        super().__init__(optimizer, param_name, begin, end, last_step, by_epoch, verbose)

    def _get_value(self) -> list[Any]:
        values = self._values()
        if self.last_step == 0:
            return [value * self.factor for value in values]
        if self.last_step != self.total_iters:
            return values
        return [value * (1.0 / self.factor) for value in values]


class ExponentialParamScheduler(_Plain):
    """Multiplies by ``gamma`` at every step.

    Args:
        optimizer: an optimizer, or a wrapper of one.
        param_name: the setting.
        gamma: the factor.
        begin: the step to begin with.
        end: the step to end before.
        last_step: the last step that was made; -1 begins anew.
        by_epoch: whether steps are epochs.
        verbose: whether to log every change.
    """

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        gamma: float,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        self.gamma = gamma
        super().__init__(optimizer, param_name, begin, end, last_step, by_epoch, verbose)

    def _get_value(self) -> list[Any]:
        values = self._values()
        return values if self.last_step == 0 else [value * self.gamma for value in values]


class LinearParamScheduler(_Plain):
    """Goes along a line from ``start_factor`` to ``end_factor`` of the value.

    Args:
        optimizer: an optimizer, or a wrapper of one.
        param_name: the setting.
        start_factor: at the first step, in (0, 1].
        end_factor: at the last step, in [0, 1].
        begin: the step to begin with.
        end: the step to end before.
        last_step: the last step that was made; -1 begins anew.
        by_epoch: whether steps are epochs.
        verbose: whether to log every change.

    Raises:
        ValueError: a factor is out of range.
    """

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        _within_one("LinearParamScheduler: start_factor", start_factor, low=False)
        _within_one("LinearParamScheduler: end_factor", end_factor, low=True)
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = end - begin - 1
        super().__init__(optimizer, param_name, begin, end, last_step, by_epoch, verbose)

    def _get_value(self) -> list[Any]:
        values = self._values()
        if self.last_step == 0:
            return [value * self.start_factor for value in values]
        rise = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (self.last_step - 1) * rise
        return [value * (1.0 + rise / before) for value in values]


class PolyParamScheduler(_Plain):
    """Falls to ``eta_min`` as a power of the steps that are left.

    Args:
        optimizer: an optimizer, or a wrapper of one.
        param_name: the setting.
        eta_min: the last value.
        power: the power.
        begin: the step to begin with.
        end: the step to end before.
        last_step: the last step that was made; -1 begins anew.
        by_epoch: whether steps are epochs.
        verbose: whether to log every change.
    """

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        eta_min: float = 0,
        power: float = 1.0,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        self.eta_min = eta_min
        self.power = power
        self.total_iters = end - begin - 1
        super().__init__(optimizer, param_name, begin, end, last_step, by_epoch, verbose)

    def _get_value(self) -> list[Any]:
        values = self._values()
        if self.last_step == 0:
            return values
        factor = (1 - 1.0 / (self.total_iters - self.last_step + 1)) ** self.power
        return [(value - self.eta_min) * factor + self.eta_min for value in values]


def _within_one(what: str, value: float, *, low: bool) -> None:
    if not (0 if low else 1e-300) <= value <= 1:
        raise ValueError(f"{what} must lie in {'[' if low else '('}0, 1], got {value}")
