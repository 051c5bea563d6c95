"""Training: by epochs, or by iterations."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from engine_runner.loaders import num_batches as batches_in
from engine_runner.loops.infinite import InfiniteBatches
from engine_runner.loops.resume_position import length_of_pass, numbered
from engine_runner.loops.train_loop import TrainLoop, whole_number
from engine_runner.protocols import RunnerLike

__all__ = ["EpochBasedTrainLoop", "IterBasedTrainLoop"]


class EpochBasedTrainLoop(TrainLoop):
    """Trains for a number of passes over the data.

    Args:
        runner: the runner that it works for.
        dataloader: the data, or the config of a loader.
        max_epochs: how many epochs.
        val_begin: no validation before this epoch.
        val_interval: epochs between validations.
        dynamic_intervals: (epoch, interval) pairs: from when the epoch of that number is the next,
            that interval.
        prefetch: how many batches are read, and moved to the device, ahead in a thread; 0 for none.
        detect_anomaly: whether each loss and gradient is looked at before the weights move, and
            the layer named in which one first isn't finite; it waits for the device in each step.

    Raises:
        ValueError: a number isn't positive, or the loader is empty.
    """

    def __init__(
        self,
        runner: RunnerLike,
        dataloader: Any,
        max_epochs: int,
        val_begin: int = 1,
        val_interval: int = 1,
        dynamic_intervals: list[tuple[int, int]] | None = None,
        *,
        prefetch: int = 0,
        detect_anomaly: bool = False,
    ) -> None:
        super().__init__(
            runner,
            dataloader,
            val_begin=val_begin,
            val_interval=val_interval,
            dynamic_intervals=dynamic_intervals,
            prefetch=prefetch,
            detect_anomaly=detect_anomaly,
        )
        self._max_epochs = whole_number("max_epochs", max_epochs)
        self._max_iters = self._max_epochs * _length(self.dataloader)
        self._most = length_of_pass(self.dataloader)

    @property
    def max_epochs(self) -> int:
        """Epochs to train."""
        return self._max_epochs

    @property
    def max_iters(self) -> int:
        """Batches to train on."""
        return self._max_iters

    def _train(self) -> None:
        runner = self._runner
        runner.call_hook("before_train")
        if self.epoch >= self._max_epochs:
            runner.logger.info("nothing is left to train: epoch %d is done", self._max_epochs)
        self._go_on(self.epoch, self._max_epochs)
        while self.epoch < self._max_epochs and not self.stop_training:
            self.run_epoch()
            self._decide_current_val_interval()
            if self._is_time_to_validate(self.epoch, self._max_epochs):
                runner.val_loop.run()
        runner.call_hook("after_train")

    def run_epoch(self) -> None:
        """Train on what is left of the epoch, which is all of it unless it was interrupted."""
        runner, state = self._runner, self._state
        runner.call_hook("before_train_epoch")
        runner.model.train()
        loader, start = self.dataloader, state.batch_in_epoch
        opened = self._opening(loader, start, state.epoch)
        pass_ = numbered(loader, start, self._reading, opened=opened, most=self._most)
        with closing(pass_) as batches:
            for idx, data_batch in batches:
                self.run_iter(idx, data_batch)
        runner.call_hook("after_train_epoch")
        state.epoch += 1
        state.batch_in_epoch = 0

    run_iter = TrainLoop._step  # the same, without a call in between


class IterBasedTrainLoop(TrainLoop):
    """Trains for a number of batches, in one endless pass over the data.

    Args:
        runner: the runner that it works for.
        dataloader: the data, or the config of a loader.
        max_iters: how many batches; None if ``max_steps`` says how long.
        val_begin: no validation before this iteration.
        val_interval: iterations between validations.
        dynamic_intervals: (iteration, interval) pairs: from when the iteration of that number is
            the next, that interval.
        max_steps: how many optimizer steps: the training ends with the batch that makes the last.
        prefetch: how many batches are read, and moved to the device, ahead in a thread; 0 for none.
        detect_anomaly: whether each loss and gradient is looked at before the weights move, and
            the layer named in which one first isn't finite; it waits for the device in each step.

    Raises:
        ValueError: a number isn't positive, or the loader is empty, or both or none of
            ``max_iters`` and ``max_steps`` are given.
    """

    by_epoch = False

    def __init__(
        self,
        runner: RunnerLike,
        dataloader: Any,
        max_iters: int | None,
        val_begin: int = 1,
        val_interval: int = 1000,
        dynamic_intervals: list[tuple[int, int]] | None = None,
        *,
        max_steps: int | None = None,
        prefetch: int = 0,
        detect_anomaly: bool = False,
    ) -> None:
        super().__init__(
            runner,
            dataloader,
            val_begin=val_begin,
            val_interval=val_interval,
            dynamic_intervals=dynamic_intervals,
            prefetch=prefetch,
            detect_anomaly=detect_anomaly,
        )
        if (max_iters is None) == (max_steps is None):
            raise ValueError("train_cfg needs either max_iters, batches, or max_steps, of them one")
        self._max_iters = 0 if max_iters is None else whole_number("max_iters", max_iters)
        self._max_steps = None if max_steps is None else whole_number("max_steps", max_steps)
        self._max_epochs = 1
        self._is_running = False
        self.dataloader_iterator = InfiniteBatches(self.dataloader, self._reading, self._opening)
        if not runner.resumes:
            # MMEngine opens the data before it initialises weights: a seed gives the same ones
            self.dataloader_iterator.open()

    @property
    def max_epochs(self) -> int:
        """One: the whole training counts as an epoch."""
        return self._max_epochs

    @property
    def max_iters(self) -> int:
        """Batches to train on; reckoned from the steps that are left where these are the limit."""
        if self._max_steps is not None and not self._is_running:
            self._max_iters = self._reckoned(self._max_steps)
        return self._max_iters

    @property
    def max_steps(self) -> int | None:
        """Optimizer steps to train for; None where batches are the limit."""
        return self._max_steps

    def _reckoned(self, max_steps: int) -> int:
        """The batch that makes the last step, if every window has its full length."""
        wrapper, state = self._runner.optim_wrapper, self._state
        every = getattr(wrapper, "accumulative_counts", None)
        if every is None:  # a config still, or a wrapper that knows no windows
            every = wrapper.get("accumulative_counts", 1) if isinstance(wrapper, dict) else 1
        left: int = max(max_steps - state.optimizer_steps, 0) * every
        return state.iteration + left - (state.iteration % every if left else 0)

    def _is_over(self) -> bool:
        if self._max_steps is None:
            return self.iter >= self._max_iters
        done = self._state.optimizer_steps
        if not done and self.iter > 100 * self._max_iters:
            raise RuntimeError(
                f"train_cfg has max_steps={self._max_steps}, and the optimizer made no step in "
                f"{self.iter} iterations: train_step has to call optim_wrapper.update_params or "
                "step; or give max_iters"
            )
        return done >= self._max_steps

    def _release_workers(self) -> None:
        self.dataloader_iterator.close()
        super()._release_workers()

    def _train(self) -> None:
        runner = self._runner
        self._max_iters, self._is_running = self.max_iters, True
        runner.call_hook("before_train")
        runner.call_hook("before_train_epoch")  # as of one large epoch
        self.dataloader_iterator.skip(self._state.batch_in_epoch, self._pass_began())
        if self._is_over():
            runner.logger.info("nothing is left to train: iteration %d is done", self.iter)
        self._go_on(self.iter, self._max_iters)
        runner.model.train()
        while not self._is_over() and not self.stop_training:
            self.run_iter(next(self.dataloader_iterator))
            self._decide_current_val_interval()
            if self._is_time_to_validate(self.iter, self._max_iters):
                runner.val_loop.run()
                runner.model.train()
        runner.call_hook("after_train_epoch")
        runner.call_hook("after_train")

    def run_iter(self, data_batch: Sequence[dict[str, Any]]) -> None:
        """Train on a batch."""
        self._step(self.iter, data_batch)


def _length(loader: Any) -> int:
    length = batches_in(loader)
    if length is None:
        raise ValueError(
            "training by epochs needs data with a length, and its data set "
            f"{type(getattr(loader, 'dataset', loader)).__name__} has none: train by iterations, "
            "with train_cfg=dict(by_epoch=False, max_iters=...), or give it a __len__"
        )
    return length
