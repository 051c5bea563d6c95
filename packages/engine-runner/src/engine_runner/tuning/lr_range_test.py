"""Learning-rate range test: train with a rate that rises, and look at the loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch

from engine_config import Config
from engine_dist import all_reduce
from engine_optim.patching import wrappers_of
from engine_runner.hooks import Hook
from engine_runner.logs.errors import NonFiniteLossError
from engine_runner.protocols import RunnerLike
from engine_runner.randomness import rng_state, set_rng_state
from engine_runner.runner import Runner
from engine_runner.runner.scratch import instances_kept, scratch_folder
from engine_runner.tuning.lr_curve import LRCurve, smoothed
from engine_runner.tuning.training_trial import Enough
from engine_runner.tuning.trial_config import trial_config

__all__ = ["find_lr"]

_DIVERGED = 4.0  # times the least loss so far


def find_lr(
    cfg: Config | Mapping[str, Any],
    *,
    min_lr: float = 1e-6,
    max_lr: float = 10.0,
    num_steps: int = 100,
    optimizer: str | None = None,
    on_step: Callable[[int, float, float], None] | None = None,
) -> LRCurve:
    """Train with a learning rate that rises from step to step until the loss diverges.

    That is the range test of Smith, arXiv:1506.01186, with an exponential rise.

    A step is one of the optimizer: accumulated batches have one rate. The rates of parameter
    groups keep their proportions, those of several optimizers, too. It trains a copy in a
    temporary folder, from the weights that a training would begin with.

    Args:
        cfg: the config of a training.
        min_lr: the first rate.
        max_lr: the last one.
        num_steps: steps between them.
        optimizer: of several optimizers, the one whose rate rises while the others' stay.
        on_step: called with the number of steps done, the rate and the loss.

    Raises:
        ValueError: the limits are no range, there is no such optimizer, or a rate is 0.
    """
    if not 0 < min_lr < max_lr or not math.isfinite(max_lr):
        raise ValueError(f"rates rise from min_lr to max_lr: got {min_lr} and {max_lr}")
    if num_steps < 2:
        raise ValueError(f"num_steps must be at least 2, got {num_steps}")
    before = rng_state()
    with scratch_folder() as folder, instances_kept():
        try:
            runner = Runner.from_cfg(trial_config(cfg, folder))
            rising = _RisingRate(min_lr, max_lr, num_steps, optimizer=optimizer, on_step=on_step)
            runner.register_hook(rising, "LOWEST")
            try:
                runner.train()
            except (Enough, NonFiniteLossError):
                pass
            finally:
                runner.visualizer.close()
        finally:
            set_rng_state(before)
    return LRCurve(lrs=rising.lrs, losses=rising.losses, configured=rising.configured)


class _RisingRate(Hook):
    """Sets the rate of each step, and notes the loss that the step was made with."""

    def __init__(
        self,
        min_lr: float,
        max_lr: float,
        num_steps: int,
        *,
        optimizer: str | None,
        on_step: Callable[[int, float, float], None] | None,
    ) -> None:
        self._min_lr, self._ratio = min_lr, (max_lr / min_lr) ** (1 / (num_steps - 1))
        self._num_steps, self._optimizer, self._on_step = num_steps, optimizer, on_step
        self._window: list[float] = []
        self._groups: list[tuple[dict[str, Any], float]] = []  # with its share of the rate
        self.configured: dict[str, float] = {}
        self.lrs: list[float] = []
        self.losses: list[float] = []

    def before_train(self, runner: RunnerLike) -> None:
        for key, wrapper in _optimizers(runner.optim_wrapper, self._optimizer).items():
            configured = wrapper.optimizer.defaults["lr"]
            if not configured:
                raise ValueError(f"{key} is 0 in the config, which has no proportion to others")
            self.configured[key] = float(configured)
            first = next(iter(self.configured.values()))
            groups = wrapper.optimizer.param_groups
            self._groups += [(group, float(group["lr"]) / first) for group in groups]
        self._set_rate(self._min_lr)

    def after_train_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        self._window.append(_loss_of(outputs))
        if not runner.state.has_stepped:
            return
        mean = torch.tensor(sum(self._window) / len(self._window), dtype=torch.float64)
        self._window.clear()
        all_reduce(mean, "mean")
        loss, lr = float(mean), self._rate(len(self.lrs))
        if math.isfinite(loss):
            self.lrs.append(lr)
            self.losses.append(loss)
            if self._on_step is not None:
                self._on_step(len(self.lrs), lr, loss)
        if not math.isfinite(loss) or self._is_over():
            raise Enough
        self._set_rate(self._rate(len(self.lrs)))

    def _is_over(self) -> bool:
        averaged = smoothed(self.losses)
        return len(averaged) >= self._num_steps or averaged[-1] > _DIVERGED * min(averaged)

    def _rate(self, step: int) -> float:
        return float(self._min_lr * self._ratio**step)

    def _set_rate(self, lr: float) -> None:
        for group, share in self._groups:
            group["lr"] = lr * share


def _optimizers(optim_wrapper: Any, chosen: str | None) -> dict[str, Any]:
    """The wrappers whose rates rise, by the key of the rate in the config."""
    if not hasattr(optim_wrapper, "optim_wrappers"):
        if chosen is not None:
            raise ValueError(f"there is one optimizer alone, and none is called {chosen!r}")
        return {"optim_wrapper.optimizer.lr": wrappers_of(optim_wrapper)[0]}
    known = dict(optim_wrapper.items())
    if chosen is not None and chosen not in known:
        raise ValueError(f"no optimizer is called {chosen!r}; there are {', '.join(known)}")
    return {
        f"optim_wrapper.{name}.optimizer.lr": wrapper
        for name, wrapper in known.items()
        if chosen in (None, name)
    }


def _loss_of(outputs: Any) -> float:
    """The loss that a step tells: ``loss``, or the sum of all whose names have it in them."""
    if not isinstance(outputs, Mapping):
        raise ValueError(f"a step must return its losses by name, got {type(outputs).__name__}")
    found = [outputs["loss"]] if "loss" in outputs else []
    found = found or [value for name, value in outputs.items() if "loss" in name]
    if not found:
        raise ValueError(f"none of what a step returns is a loss: {', '.join(map(str, outputs))}")
    return float(sum(float(value) for value in found))
