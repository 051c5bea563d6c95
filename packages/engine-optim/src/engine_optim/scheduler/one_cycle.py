"""One rise and one fall (Smith & Topin, arXiv:1708.07120)."""

from __future__ import annotations

import math
from typing import Any

from engine_optim.scheduler.base import INF, ParamScheduler, iterations

__all__ = ["OneCycleParamScheduler"]


class OneCycleParamScheduler(ParamScheduler):
    """Rises from ``eta_max / div_factor`` to ``eta_max``, and falls far below.

    It sets values of its own, whatever the optimizer's were.

    Args:
        optimizer: an optimizer, or a wrapper of one.
        param_name: the setting.
        eta_max: the highest value.
        total_steps: steps of the cycle; by default ``end - begin``.
        pct_start: the part of the steps that it rises in.
        anneal_strategy: "cos" or "linear".
        div_factor: of the first value.
        final_div_factor: of the last value, below the first.
        three_phase: whether it falls as it rose, and only then further.
        begin: the step to begin with.
        end: the step to end before.
        last_step: the last step that was made; -1 begins anew.
        by_epoch: whether steps are epochs.
        verbose: whether to log every change.

    Raises:
        ValueError: an argument is out of range, or nothing says how many steps there are.
    """

    def __init__(
        self,
        optimizer: Any,
        param_name: str,
        eta_max: float = 0,
        total_steps: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = True,
        verbose: bool = False,
    ) -> None:
        if param_name != "lr":
            raise ValueError(f"OneCycleParamScheduler changes 'lr' alone, got {param_name!r}")
        self.eta_max = eta_max
        self.div_factor = div_factor
        self.final_div_factor = final_div_factor
        self.total_steps = _steps(total_steps, begin, end)
        if not 0 <= pct_start <= 1:
            raise ValueError(f"pct_start must lie in [0, 1], got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy is 'cos' or 'linear', got {anneal_strategy!r}")
        self.anneal_strategy = anneal_strategy
        self._schedule_phases = _phases(self.total_steps, pct_start, three_phase=three_phase)
        if last_step == -1:
            self._set_rates(optimizer.param_groups)
        super().__init__(optimizer, param_name, begin, end, last_step, by_epoch, verbose)

    def _set_rates(self, groups: list[dict[str, Any]]) -> None:
        for group in groups:
            group["initial_lr"] = self.eta_max / self.div_factor
            group["max_lr"] = self.eta_max
            group["min_lr"] = self.eta_max / self.div_factor / self.final_div_factor

    def restart(self) -> None:
        """Go back to before the first step."""
        self._set_rates(self._groups())
        super().restart()

    @classmethod
    def build_iter_from_epoch(
        cls,
        *args: Any,
        begin: int = 0,
        end: int = INF,
        total_steps: int | None = None,
        by_epoch: bool = True,
        epoch_length: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return one that counts iterations, of arguments in epochs.

        Raises:
            ValueError: ``by_epoch`` is False, or ``epoch_length`` missing.
        """
        span = iterations(cls.__name__, begin, end, by_epoch=by_epoch, epoch_length=epoch_length)
        scaled = None if total_steps is None else total_steps * int(epoch_length or 1)
        make: Any = cls
        return make(*args, total_steps=scaled, **kwargs, **span)

    def _get_value(self) -> list[Any]:
        step = self.last_step
        if step > self.total_steps:
            raise ValueError(
                f"step {step} of a OneCycle schedule of {self.total_steps}: give a longer "
                "total_steps, or an earlier end"
            )
        start = 0.0
        for index, phase in enumerate(self._schedule_phases):
            end, first, last = phase["end_step"], phase["start_lr"], phase["end_lr"]
            if step <= end or index == len(self._schedule_phases) - 1:
                part = (step - start) / (end - start)
                groups = self._groups()
                return [self._between(group[first], group[last], part) for group in groups]
            start = end
        raise AssertionError("the last phase ends with the schedule")

    def _between(self, first: float, last: float, part: float) -> float:
        if self.anneal_strategy == "linear":
            return (last - first) * part + first
        return last + (first - last) / 2.0 * (math.cos(math.pi * part) + 1)


def _steps(total_steps: int | None, begin: int, end: int) -> int:
    if total_steps is None:
        if end == INF:
            raise ValueError("OneCycleParamScheduler needs total_steps, or an end")
        return end - begin
    if not isinstance(total_steps, int) or total_steps <= 0:
        raise ValueError(f"total_steps must be a positive int, got {total_steps!r}")
    return total_steps


def _phases(total: int, rising: float, *, three_phase: bool) -> list[dict[str, Any]]:
    """The last step of each phase, and the settings of a group that it goes from and to."""
    top = float(rising * total) - 1
    spans: list[tuple[float, str, str]] = [(top, "initial_lr", "max_lr")]
    if three_phase:
        spans.append((float(2 * rising * total) - 2, "max_lr", "initial_lr"))
        spans.append((total - 1, "initial_lr", "min_lr"))
    else:
        spans.append((total - 1, "max_lr", "min_lr"))
    return [{"end_step": end, "start_lr": first, "end_lr": last} for end, first, last in spans]
