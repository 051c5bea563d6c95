"""Step schedules: values multiplied every so many steps, or at milestones."""

from __future__ import annotations

from collections import Counter
from typing import Any

from engine_optim.scheduler.base import INF, ParamScheduler, iterations

__all__ = ["MultiStepParamScheduler", "StepParamScheduler"]


class StepParamScheduler(ParamScheduler):
    """Multiplies by ``gamma`` every ``step_size`` steps.

    Args:
        optimizer: an optimizer, or a wrapper of one.
        param_name: the setting.
        step_size: steps between changes.
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
        step_size: int,
        gamma: float = 0.1,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, param_name, begin, end, last_step, by_epoch, verbose)

    @classmethod
    def build_iter_from_epoch(
        cls,
        *args: Any,
        step_size: int,
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
        make: Any = cls
        return make(*args, step_size=step_size * int(epoch_length or 1), **kwargs, **span)

    def _get_value(self) -> list[Any]:
        values = self._values()
        if self.last_step == 0 or self.last_step % self.step_size:
            return values
        return [value * self.gamma for value in values]


class MultiStepParamScheduler(ParamScheduler):
    """Multiplies by ``gamma`` at each milestone.

    Args:
        optimizer: an optimizer, or a wrapper of one.
        param_name: the setting.
        milestones: steps, counted from ``begin``; one that is there twice counts twice.
        gamma: the factor.
        last_step: the last step that was made; -1 begins anew.
        begin: the step to begin with.
        end: the step to end before.
        by_epoch: whether steps are epochs.
        verbose: whether to log every change.
    """

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        milestones: list[int],
        gamma: float = 0.1,
        last_step: int = -1,
        begin: int = 0,
        end: int = INF,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        self.milestones: Any = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, param_name, begin, end, last_step, by_epoch, verbose)

    @classmethod
    def build_iter_from_epoch(
        cls,
        *args: Any,
        milestones: list[int],
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
        scaled = [milestone * int(epoch_length or 1) for milestone in milestones]
        make: Any = cls
        return make(*args, milestones=scaled, **kwargs, **span)

    def _get_value(self) -> list[Any]:
        values = self._values()
        times = self.milestones.get(self.last_step)
        return [value * self.gamma**times for value in values] if times else values

    def state_dict(self) -> dict[str, Any]:
        """Return where it stands, as plain data."""
        return {**super().state_dict(), "milestones": dict(vars(self).get("milestones", {}))}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from where `state_dict` was called; load the optimizer's state before."""
        super().load_state_dict(state_dict)
        self.milestones = Counter(self.milestones)
