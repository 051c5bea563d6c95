"""Putting down what happens into the message hub."""

from __future__ import annotations

from typing import Any

from engine_logging import MessageHub
from engine_logging.history_buffer import MAX_NEW
from engine_optim import BaseOptimWrapper
from engine_runner.__about__ import MMENGINE, __version__
from engine_runner.hooks.hook import Hook
from engine_runner.loaders import metainfo_of
from engine_runner.protocols import RunnerLike

__all__ = ["RuntimeInfoHook"]


class RuntimeInfoHook(Hook):
    """Keeps the message hub up to date: where the training stands, learning rates, losses, metrics.

    Losses are put down as tensors; nothing waits for the device.
    """

    priority = "VERY_HIGH"

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._usual_wrapper: type | None = None  # whose rates are those of its optimizer
        self.last_loop_stage: Any = None

    def before_run(self, runner: RunnerLike) -> None:
        """Put down what identifies the run."""
        runner.message_hub.update_info_dict(
            {
                "cfg": runner.cfg.pretty_text,
                "seed": runner.seed,
                "experiment_name": runner.experiment_name,
                "engine_version": __version__,
                "mmengine_version": MMENGINE,
            }
        )

    def before_train(self, runner: RunnerLike) -> None:
        """Put down how long it will take, and what is known of the data."""
        hub = runner.message_hub
        hub.update_info_dict(
            {
                "loop_stage": "train",
                "epoch": runner.epoch,
                "iter": runner.iter,
                "max_epochs": runner.max_epochs,
                "max_iters": runner.max_iters,
            }
        )
        wrapper = runner.optim_wrapper
        rates = getattr(wrapper, "get_lr", None)
        is_usual = getattr(rates, "__func__", None) is BaseOptimWrapper.get_lr
        self._usual_wrapper = type(wrapper) if is_usual else None
        metainfo = metainfo_of(runner.train_dataloader)
        if metainfo is not None:
            hub.update_info("dataset_meta", metainfo)

    def after_train(self, runner: RunnerLike) -> None:
        """Put down that no loop is running."""
        runner.message_hub.pop_info("loop_stage")

    def before_train_epoch(self, runner: RunnerLike) -> None:
        """Put down the epoch."""
        runner.message_hub.update_info("epoch", runner.epoch)

    def before_train_iter(self, runner: RunnerLike, batch_idx: int, data_batch: Any = None) -> None:
        """Put down the iteration and the learning rates."""
        hub, wrapper = runner.message_hub, runner.optim_wrapper
        hub.runtime_info["iter"] = runner.iter  # is there since before_train
        is_usual = type(wrapper) is self._usual_wrapper
        if is_usual and wrapper.base_param_settings is None:
            self._log_rate(hub, "lr", wrapper.optimizer.param_groups[0]["lr"])
            return
        for name, rates in wrapper.get_lr().items():
            self._log_rate(hub, name, rates[0])

    def _log_rate(self, hub: MessageHub, name: str, rate: Any) -> None:
        scalars, keys = hub.log_scalars, self._keys
        if name not in keys or keys[name] not in scalars:
            hub.update_scalar(self._key(name), rate)
        elif type(rate) is float:  # without the hub's checks, from the second time on
            history = scalars[keys[name]]
            history.pending.append(rate)
            if len(history.pending) >= MAX_NEW:
                history.settle()
        else:
            scalars[keys[name]].update(rate)

    def after_train_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Put down the losses."""
        if outputs is not None:
            hub, keys = runner.message_hub, self._keys
            scalars = hub.log_scalars
            for name, value in outputs.items():
                if name in keys and keys[name] in scalars:
                    scalars[keys[name]].update(value)
                else:
                    hub.update_scalar(self._key(name), value)

    def _key(self, name: str) -> str:
        key = self._keys[name] = f"train/{name}"
        return key

    def before_val(self, runner: RunnerLike) -> None:
        """Put down that a validation is running."""
        self._enter(runner, "val")

    def after_val(self, runner: RunnerLike) -> None:
        """Put down what was running before."""
        self._leave(runner)

    def before_test(self, runner: RunnerLike) -> None:
        """Put down that a test is running."""
        self._enter(runner, "test")

    def after_test(self, runner: RunnerLike) -> None:
        """Put down what was running before."""
        self._leave(runner)

    def _enter(self, runner: RunnerLike, stage: str) -> None:
        self.last_loop_stage = runner.message_hub.get_info("loop_stage")
        runner.message_hub.update_info("loop_stage", stage)

    def _leave(self, runner: RunnerLike) -> None:
        if self.last_loop_stage is None:
            runner.message_hub.pop_info("loop_stage")
        else:
            runner.message_hub.update_info("loop_stage", self.last_loop_stage)
            self.last_loop_stage = None

    def after_val_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Put down the validation's numbers."""
        _put_down(runner, "val", metrics)

    def after_test_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Put down the test's numbers."""
        _put_down(runner, "test", metrics)


def _put_down(runner: RunnerLike, mode: str, metrics: dict[str, Any] | None) -> None:
    for name, value in (metrics or {}).items():
        if is_number(value):
            runner.message_hub.update_scalar(f"{mode}/{name}", value)
        else:
            runner.message_hub.update_info(f"{mode}/{name}", value)


def is_number(value: Any) -> bool:
    """Whether a metric is one number, or an array or tensor of one."""
    if isinstance(value, int | float):
        return True
    count = getattr(value, "numel", None)
    return bool((count() if callable(count) else getattr(value, "size", 0)) == 1)
