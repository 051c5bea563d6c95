"""Averaging the weights, and evaluating the average."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine_checkpoint import load_state_dict
from engine_dist.shards import any_sharded, gathered, settle, tensors_of
from engine_model import is_model_wrapper
from engine_registry import MODELS
from engine_runner.hooks.hook import Hook
from engine_runner.protocols import RunnerLike
from engine_runner.state import check_clock

__all__ = ["EMAHook"]

_INSIDE = "module."  # what the names of the weights begin with in an averaged model


class EMAHook(Hook):
    """Keeps an average of the weights, and lets validation, test and users of checkpoints have it.

    In a checkpoint the average is the ``state_dict``, so that whoever loads it gets the average;
    the trained weights, which a resume goes on with, and the number of updates are its
    ``ema_state_dict``. A training that starts from such a file with ``load_from`` starts from the
    average.

    Args:
        ema_type: the averaged model: ``ExponentialMovingAverage``, ``MomentumAnnealingEMA``,
            ``StochasticWeightAverage``, or one of yours.
        strict_load: whether weights of a checkpoint that don't fit the averaged model are an error.
        begin_iter: average from the end of this iteration on, counted from 1.
        begin_epoch: average from this epoch on, counted from 1.
        clock: "iteration" averages after every batch; "step" only after those that moved the
            weights, and ``begin_iter`` then counts optimizer steps. They differ where gradients
            are accumulated.
        kwargs: arguments of the averaged model, such as ``momentum``.

    Attributes:
        ema_model: the averaged model.
        src_model: the model that is trained.

    Raises:
        ValueError: a beginning is negative, both are given, or there is no such clock.
    """

    priority = "NORMAL"

    def __init__(
        self,
        ema_type: str = "ExponentialMovingAverage",
        strict_load: bool = False,
        begin_iter: int = 0,
        begin_epoch: int = 0,
        *,
        clock: str = "iteration",
        **kwargs: Any,
    ) -> None:
        for name, value in (("begin_iter", begin_iter), ("begin_epoch", begin_epoch)):
            if value < 0:
                raise ValueError(f"EMAHook: {name} must not be negative, got {value}")
        if begin_iter and begin_epoch:
            raise ValueError("EMAHook: give begin_iter or begin_epoch, not both")
        self.strict_load = strict_load
        self.ema_cfg = {"type": ema_type, **kwargs}
        self.begin_iter, self.begin_epoch = begin_iter, begin_epoch
        self.enabled_by_epoch = begin_epoch > 0
        self.clock = check_clock("EMAHook", clock)
        self.src_model: nn.Module | None = None
        self.ema_model: Any = None
        self._has_begun = False  # whether average and weights differ
        self._is_swapped = False
        self._trained: Mapping[str, Any] | None = None  # of a checkpoint, if it is to be resumed

    def before_run(self, runner: RunnerLike) -> None:
        """Make the averaged model, unless this run follows another one, whose average stays."""
        model: Any = runner.model
        source: nn.Module = model.module if is_model_wrapper(model) else model
        if source is not self.src_model:
            self.src_model = source
            self.ema_model = MODELS.build(self.ema_cfg, default_args={"model": source})
            self._has_begun = self._is_swapped = False

    def before_train(self, runner: RunnerLike) -> None:
        """Go on with the weights that were trained, if a checkpoint was resumed from.

        Raises:
            ValueError: averaging would begin after the end.
        """
        self._check_begin(runner)
        # a subclass may have loaded an average
        self._has_begun = self._has_begun or int(self.ema_model.steps) > 0
        if not self._has_begun:  # weights have been initialised or loaded since the copy was made
            with torch.no_grad():
                for weight, average in self._pairs(with_buffers=True):
                    average.copy_(weight)
            self.ema_model.steps.zero_()
        trained, self._trained = self._trained, None
        if trained is None or not runner.iter:  # weights to start from are no training to go on
            return
        self.ema_model.steps.copy_(trained["steps"])
        self._has_begun = int(trained["steps"]) > 0
        weights = {
            name.removeprefix(_INSIDE): value
            for name, value in trained.items()
            if name.startswith(_INSIDE)
        }
        runner.strategy.load_model_state(
            runner.model, weights, strict=self.strict_load, logger=runner.logger
        )

    def _check_begin(self, runner: RunnerLike) -> None:
        for name, begin, limit in (
            ("begin_iter", self.begin_iter, runner.max_iters),
            ("begin_epoch", self.begin_epoch, runner.max_epochs),
        ):
            if limit is not None and begin > limit:
                raise ValueError(
                    f"EMAHook: {name} is {begin}, and the training ends at {limit}: nothing would "
                    "be averaged"
                )

    def _source(self) -> nn.Module:
        assert self.src_model is not None  # since before_run
        return self.src_model

    def after_train_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Take the weights into the average, if it is time."""
        if (self.clock == "iteration" or runner.state.has_stepped) and self._is_time(runner):
            self.ema_model.update_parameters(self._source())
            self._has_begun = True

    def _is_time(self, runner: RunnerLike) -> bool:
        if self.enabled_by_epoch:
            return runner.epoch + 1 >= self.begin_epoch
        by_step = self.clock == "step"
        done = runner.state.optimizer_steps if by_step else runner.iter + 1
        return done >= self.begin_iter

    def before_val_epoch(self, runner: RunnerLike) -> None:
        """Put the average in the place of the weights."""
        self._put_average()

    def after_val_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Put the weights back."""
        self._put_back()

    def before_test_epoch(self, runner: RunnerLike) -> None:
        """Put the average in the place of the weights."""
        self._put_average()

    def after_test_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Put the weights back."""
        self._put_back()

    def on_failure(self, runner: RunnerLike, error: BaseException) -> None:
        """Put the weights back, if an evaluation failed."""
        self._put_back()

    def _put_average(self) -> None:
        if self._has_begun and not self._is_swapped:
            self._swap_ema_parameters()

    def _put_back(self) -> None:
        if self._is_swapped:
            self._swap_ema_parameters()

    @torch.no_grad()
    def _swap(self) -> None:
        """Exchange values in place: optimizers, wrappers and graphs hold on to the tensors."""
        settle(self._source())
        for weight, average in self._pairs(with_buffers=self.ema_model.update_buffers):
            kept = weight.clone()
            weight.copy_(average)
            average.copy_(kept)
        self._is_swapped = not self._is_swapped

    def _swap_ema_parameters(self) -> None:
        """Exchange weights and average: libraries call this, and override it."""
        self._swap()

    def _swap_ema_state_dict(self, checkpoint: dict[str, Any]) -> None:
        """Exchange weights and average in a checkpoint."""
        weights, kept = checkpoint["state_dict"], checkpoint["ema_state_dict"]
        for name in weights:
            inside = _INSIDE + name
            if inside in kept:
                weights[name], kept[inside] = kept[inside], weights[name]

    def _pairs(self, *, with_buffers: bool) -> Iterator[tuple[Tensor, Tensor]]:
        """Each parameter, and each buffer, with its average."""
        source, averaged = self._source(), self.ema_model.module
        yield from zip(source.parameters(), averaged.parameters(), strict=True)
        if with_buffers:
            yield from zip(source.buffers(), averaged.buffers(), strict=True)

    def before_save_checkpoint(self, runner: RunnerLike, checkpoint: dict[str, Any]) -> None:
        """Let the average be the checkpoint's weights, and keep the trained ones beside it."""
        if type(self)._swap_ema_state_dict is not EMAHook._swap_ema_state_dict:  # a library's
            checkpoint["ema_state_dict"] = self.ema_model.state_dict()
            self._swap_ema_state_dict(checkpoint)
            return
        weights = checkpoint["state_dict"]
        averages = tensors_of(self.ema_model)  # an extra state stays the one that was trained
        if any_sharded(averages.values()) and not any_sharded(weights.values()):
            averages = gathered(averages)  # as the strategy has done with the weights
        same = () if self.ema_model.update_buffers else self.ema_model.named_buffers()
        shared = {name for name, _ in same}  # buffers that are the model's
        kept = {name: value for name, value in averages.items() if not name.startswith(_INSIDE)}
        for name in weights:
            inside = _INSIDE + name
            kept[inside] = weights[name]
            if not self._has_begun or inside in shared or inside not in averages:
                continue
            if self._is_swapped:  # during a validation each stands in the other's place already
                kept[inside] = averages[inside]
            else:
                weights[name] = averages[inside]
        checkpoint["ema_state_dict"] = kept

    def after_load_checkpoint(self, runner: RunnerLike, checkpoint: dict[str, Any]) -> None:
        """Keep the trained weights for the case that they are trained on.

        The average is put into the model, as the weights of any checkpoint are; one without an
        average is taken for the average of a training that hasn't begun.

        Raises:
            CheckpointError: ``strict_load``, and the weights aren't this model's.
        """
        self._trained = checkpoint.get("ema_state_dict")
        self._has_begun = False
        if self.ema_model is not None:
            self.ema_model.steps.zero_()
        if self.strict_load and self.ema_model is not None:
            load_state_dict(self.ema_model.module, checkpoint["state_dict"], True, runner.logger)
