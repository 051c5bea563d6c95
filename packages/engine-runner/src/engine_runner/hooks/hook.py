"""Something that happens around epochs, iterations and checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from engine_runner.hooks.priority import Priority
from engine_runner.protocols import RunnerLike

__all__ = ["GENERIC", "STAGES", "Hook", "implements"]

STAGES = (
    "before_run",
    "after_load_checkpoint",
    "before_train",
    "before_train_epoch",
    "before_train_iter",
    "after_train_iter",
    "after_train_epoch",
    "before_val",
    "before_val_epoch",
    "before_val_iter",
    "after_val_iter",
    "after_val_epoch",
    "after_val",
    "before_save_checkpoint",
    "after_train",
    "before_test",
    "before_test_epoch",
    "before_test_iter",
    "after_test_iter",
    "after_test_epoch",
    "after_test",
    "after_run",
)

# Stages that call one method for training, validation and test alike, unless overridden.
GENERIC = {
    f"{when}_{mode}_{what}": f"_{when}_{what}"
    for when in ("before", "after")
    for mode in ("train", "val", "test")
    for what in ("epoch", "iter")
}

Batch = dict[str, Any] | tuple[Any, ...] | list[Any] | None


class Hook:
    """Does something at the stages that it overrides; a stage that nobody overrides costs nothing.

    `_before_epoch`, `_after_epoch`, `_before_iter` and `_after_iter` stand for that stage of
    training, validation and test alike.
    """

    priority: str | int | Priority = "NORMAL"
    stages: ClassVar[tuple[str, ...]] = STAGES

    def before_run(self, runner: RunnerLike) -> None:
        """Called before anything of a training, validation or test; nothing is loaded yet."""

    def after_run(self, runner: RunnerLike) -> None:
        """Called at the very end."""

    def before_train(self, runner: RunnerLike) -> None:
        """Called before the first epoch of this run; a checkpoint is loaded by then."""

    def after_train(self, runner: RunnerLike) -> None:
        """Called after the last epoch."""

    def before_val(self, runner: RunnerLike) -> None:
        """Called before a validation."""

    def after_val(self, runner: RunnerLike) -> None:
        """Called after a validation."""

    def before_test(self, runner: RunnerLike) -> None:
        """Called before a test."""

    def after_test(self, runner: RunnerLike) -> None:
        """Called after a test."""

    def before_save_checkpoint(self, runner: RunnerLike, checkpoint: dict[str, Any]) -> None:
        """Called before ``checkpoint`` is written; what is put into it is written, too."""

    def after_load_checkpoint(self, runner: RunnerLike, checkpoint: dict[str, Any]) -> None:
        """Called when ``checkpoint`` was read, before it is put to use."""

    def before_train_epoch(self, runner: RunnerLike) -> None:
        """Called before an epoch; an iteration-based training is one epoch."""
        self._before_epoch(runner, mode="train")

    def before_val_epoch(self, runner: RunnerLike) -> None:
        """Called before a pass over the validation data."""
        self._before_epoch(runner, mode="val")

    def before_test_epoch(self, runner: RunnerLike) -> None:
        """Called before a pass over the test data."""
        self._before_epoch(runner, mode="test")

    def after_train_epoch(self, runner: RunnerLike) -> None:
        """Called after an epoch, before it is counted."""
        self._after_epoch(runner, mode="train")

    def after_val_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Called with the validation's numbers, by name."""
        self._after_epoch(runner, mode="val")

    def after_test_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Called with the test's numbers, by name."""
        self._after_epoch(runner, mode="test")

    def before_train_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Batch = None
    ) -> None:
        """Called with a batch, before the forward pass."""
        self._before_iter(runner, batch_idx=batch_idx, data_batch=data_batch, mode="train")

    def before_val_iter(self, runner: RunnerLike, batch_idx: int, data_batch: Batch = None) -> None:
        """Called with a batch, before the forward pass."""
        self._before_iter(runner, batch_idx=batch_idx, data_batch=data_batch, mode="val")

    def before_test_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Batch = None
    ) -> None:
        """Called with a batch, before the forward pass."""
        self._before_iter(runner, batch_idx=batch_idx, data_batch=data_batch, mode="test")

    def after_train_iter(
        self,
        runner: RunnerLike,
        batch_idx: int,
        data_batch: Batch = None,
        outputs: dict[str, Any] | None = None,
    ) -> None:
        """Called after the weights have moved, before the iteration is counted.

        ``outputs`` are the losses and whatever else ``train_step`` returned; reading a number out
        of them waits for the device.
        """
        self._after_iter(
            runner, batch_idx=batch_idx, data_batch=data_batch, outputs=outputs, mode="train"
        )

    def after_val_iter(
        self,
        runner: RunnerLike,
        batch_idx: int,
        data_batch: Batch = None,
        outputs: Sequence[Any] | None = None,
    ) -> None:
        """Called with the predictions for a batch."""
        self._after_iter(
            runner, batch_idx=batch_idx, data_batch=data_batch, outputs=outputs, mode="val"
        )

    def after_test_iter(
        self,
        runner: RunnerLike,
        batch_idx: int,
        data_batch: Batch = None,
        outputs: Sequence[Any] | None = None,
    ) -> None:
        """Called with the predictions for a batch."""
        self._after_iter(
            runner, batch_idx=batch_idx, data_batch=data_batch, outputs=outputs, mode="test"
        )

    def _before_epoch(self, runner: RunnerLike, mode: str = "train") -> None: ...

    def _after_epoch(self, runner: RunnerLike, mode: str = "train") -> None: ...

    def _before_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Batch = None, mode: str = "train"
    ) -> None: ...

    def _after_iter(
        self,
        runner: RunnerLike,
        batch_idx: int,
        data_batch: Batch = None,
        outputs: Any = None,
        mode: str = "train",
    ) -> None: ...

    def every_n_epochs(self, runner: RunnerLike, n: int, start: int = 0) -> bool:
        """Whether the present epoch, counted from 1, is one of every ``n`` from ``start``."""
        done = runner.epoch + 1 - start
        return n > 0 and done >= 0 and done % n == 0

    def every_n_inner_iters(self, batch_idx: int, n: int) -> bool:
        """Whether the present batch of the epoch, counted from 1, is one of every ``n``."""
        return n > 0 and (batch_idx + 1) % n == 0

    def every_n_train_iters(self, runner: RunnerLike, n: int, start: int = 0) -> bool:
        """Whether the present iteration, counted from 1, is one of every ``n`` from ``start``."""
        done = runner.iter + 1 - start
        return n > 0 and done >= 0 and done % n == 0

    def every_n_steps(self, runner: RunnerLike, n: int, start: int = 0) -> bool:
        """Whether the present iteration moved the weights, as every ``n``-th step from ``start``.

        For ``after_train_iter``.
        """
        done = runner.state.optimizer_steps - start
        return runner.state.has_stepped and n > 0 and done >= 0 and done % n == 0

    def end_of_epoch(self, dataloader: Any, batch_idx: int) -> bool:
        """Whether the present batch is the loader's last."""
        return bool(batch_idx + 1 == len(dataloader))

    def is_last_train_epoch(self, runner: RunnerLike) -> bool:
        """Whether the present epoch is the last one."""
        return runner.epoch + 1 == runner.max_epochs

    def is_last_train_iter(self, runner: RunnerLike) -> bool:
        """Whether the present iteration is the last one."""
        return runner.iter + 1 == runner.max_iters

    def get_triggered_stages(self) -> list[str]:
        """Return the stages at which this hook does something, in their order."""
        return [stage for stage in STAGES if implements(self, stage)]


def implements(hook: Hook, stage: str) -> bool:
    """Whether ``hook`` overrides ``stage``, or the generic method that stands for it."""
    for name in (stage, GENERIC.get(stage)):
        if name is None:
            continue
        if name in vars(hook) or getattr(type(hook), name, None) is not getattr(Hook, name, None):
            return True
    return False
