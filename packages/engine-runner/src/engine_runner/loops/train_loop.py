"""What training by epochs and by iterations have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from engine_dataset.worker_shutdown import end_workers_of
from engine_model import is_model_wrapper
from engine_registry.overridable import overridable
from engine_runner.loaders import metainfo_of
from engine_runner.logs.errors import NonFiniteLossError
from engine_runner.loops.anomaly import AnomalyWatch
from engine_runner.loops.base import BaseLoop
from engine_runner.loops.data_wait import Waits
from engine_runner.loops.failed_batch import is_out_of_memory, save_failed_batch
from engine_runner.loops.interval import IntervalPlan
from engine_runner.loops.pass_start import Opening
from engine_runner.loops.prefetch import Prefetcher, device_mover
from engine_runner.loops.resume_position import is_map_style
from engine_runner.loops.stateful_loader import keeps_own_place, tells_its_place
from engine_runner.protocols import RunnerLike
from engine_runner.randomness import rng_state, set_rng_state
from engine_runner.stage_calls import StageCalls, add_hook_note

__all__ = ["TrainLoop", "whole_number"]


class TrainLoop(BaseLoop):
    """The clocks, one iteration, and when to validate."""

    by_epoch = True

    def __init__(
        self,
        runner: RunnerLike,
        dataloader: Any,
        *,
        val_begin: int,
        val_interval: int,
        dynamic_intervals: list[tuple[int, int]] | None,
        prefetch: int,
        detect_anomaly: bool,
    ) -> None:
        super().__init__(runner, dataloader)
        self.prefetch = whole_number("prefetch", prefetch)
        self._check_data()
        self.detect_anomaly = detect_anomaly
        self._watch: AnomalyWatch | None = None
        self._waits: Waits | None = None
        self._at_end = ExitStack()
        for name, value in (("val_begin", val_begin), ("val_interval", val_interval)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"train_cfg: {name} must be a positive int, got {value!r}")
        self._state = runner.state
        self._calls = StageCalls(runner)
        self._opening = Opening(runner.state, self._sample_seed)
        self.val_begin = val_begin
        self.val_interval = val_interval
        self.stop_training = False
        self._plan = IntervalPlan(val_interval, dynamic_intervals)
        runner.visualizer.dataset_meta = metainfo_of(self.dataloader)

    def _check_data(self) -> None:
        loader = self.dataloader
        kind = type(getattr(loader, "dataset", loader)).__name__
        if self.prefetch and (keeps_own_place(loader) or tells_its_place(loader)):
            raise ValueError(
                f"train_cfg: prefetch={self.prefetch} reads ahead of the training, and {kind} says "
                "where it is only as far as it was read: give the data loader workers instead"
            )
        if self._sample_seed() is not None and (
            keeps_own_place(loader) or not is_map_style(loader)
        ):
            raise ValueError(
                f"randomness: per_sample=True needs samples with an index, and {kind} is a stream "
                "or has a loader of its own: seed it by itself"
            )

    @property
    def epoch(self) -> int:
        """Epochs that were finished."""
        return self._state.epoch

    @property
    def iter(self) -> int:
        """Batches that were trained on."""
        return self._state.iteration

    # What MMEngine's loops call these counts, which libraries set.
    @property
    def _epoch(self) -> int:
        return self._state.epoch

    @_epoch.setter
    def _epoch(self, value: int) -> None:
        self._state.epoch = value

    @property
    def _iter(self) -> int:
        return self._state.iteration

    @_iter.setter
    def _iter(self, value: int) -> None:
        self._state.iteration = value

    def run(self) -> nn.Module:
        """Train, and return the model."""
        with self._at_end:
            if self.detect_anomaly:
                self._watch = AnomalyWatch(self._runner)
                self.at_end(self._watch.detach)
                self._watch.attach()
            try:
                self._train()
            finally:
                self._release_workers()
        return self._runner.model

    def at_end(self, function: Callable[[], None]) -> None:
        """Call a function when the training that is going on ends, however it does."""
        self._at_end.callback(function)

    def time_waits(self) -> Waits:
        """Begin to count how long batches are waited for; to be called before any is read."""
        self._waits = Waits()
        self.at_end(partial(setattr, self, "_waits", None))
        return self._waits

    def _reading(self, batches: Iterator[Any]) -> Iterator[Any]:
        """What is read in place of a loader's iterator: ahead, and timed, if that is wanted."""
        if self.prefetch:
            batches = Prefetcher(batches, self.prefetch, **device_mover(self._runner))
        return batches if self._waits is None else self._waits.timed(batches)

    @abstractmethod
    def _train(self) -> None:
        """Do the whole training."""

    def _release_workers(self) -> None:
        """End the workers of the loaders now; left to the garbage collector each takes seconds."""
        for loop in (self, self._runner.val_loop):
            end_workers_of(getattr(loop, "dataloader", None))

    def _step(self, idx: int, data_batch: Any) -> None:
        """Train on a batch, the one of number ``idx`` of its epoch."""
        runner, state = self._runner, self._state
        stages = self._calls.present()
        method, stage = None, "before_train_iter"
        try:
            for method in stages["before_train_iter"]:
                method(runner, idx, data_batch)
            method = None
            wrapper = runner.optim_wrapper
            before = getattr(wrapper, "num_steps", None)  # None: not one of ours, moves always
            model: Any = runner.model  # a BaseModel, or its wrapper
            if self._watch is None:
                outputs = model.train_step(data_batch, optim_wrapper=wrapper)
            else:
                outputs = self._watch.train_step(model, data_batch, wrapper)
            if before is None or wrapper.num_steps != before:
                state.has_stepped = True
                state.optimizer_steps += 1
            else:
                state.has_stepped = False
            stage = "after_train_iter"
            for method in stages["after_train_iter"]:
                method(runner, idx, data_batch, outputs)
        except Exception as error:
            if method is not None and stages is not self._calls.through_call_hook:
                add_hook_note(error, stage, method)
            self._keep_batch(error, data_batch)
            raise
        state.iteration += 1
        state.batch_in_epoch += 1

    def _keep_batch(self, error: Exception, batch: Any) -> None:
        """Write a batch down for replay if the error is one that its samples can explain."""
        if isinstance(error, NonFiniteLossError):
            iteration = error.iteration
        elif is_out_of_memory(error):
            iteration = None
        else:
            return
        before = None if self._watch is None else self._watch.before
        save_failed_batch(self._runner, error, batch=batch, iteration=iteration, rng_before=before)

    def _pass_began(self) -> tuple[int, int] | None:
        """Which pass over the data a checkpoint is in, and the iteration it began with."""
        kept = self._state.to_restore
        begun = None if kept is None else kept["pass_start"]
        return None if begun is None else (begun["epoch"], begun["iteration"])

    def _sample_seed(self) -> int | None:
        """The seed of each sample's random numbers, if they are to depend on the sample alone."""
        runner = self._runner
        return runner.seed if getattr(runner, "per_sample", False) else None

    def _go_on(self, done: int, last: int) -> None:
        """Take over from a checkpoint what is this rank's, and make a validation that was due."""
        state = self._state
        if state.to_restore is not None:
            set_rng_state(state.to_restore["rng"])
            _set_buffers(self._runner.model, state.to_restore["buffers"])
        if state.validated_at == state.iteration or (self.by_epoch and state.batch_in_epoch):
            return
        self._decide_current_val_interval()
        if self._is_time_to_validate(done, last):
            self._runner.val_loop.run()
            if state.to_restore is not None:  # the pass that is entered goes on after that
                state.to_restore["rng"] = rng_state()

    def _is_time_to_validate(self, done: int, last: int) -> bool:
        """Whether to validate after ``done`` epochs or iterations of ``last``."""
        if self._runner.val_loop is None or done < self.val_begin:
            return False
        return done % self.val_interval == 0 or done == last

    @overridable
    def dynamic_milestones(self) -> list[int]:
        """From when on each of `dynamic_intervals` is in force."""
        return [milestone for milestone, _ in self._plan.changes]

    @overridable
    def dynamic_intervals(self) -> list[int]:
        """Epochs or iterations between validations, one after another."""
        return [interval for _, interval in self._plan.changes]

    def _decide_current_val_interval(self) -> None:
        self.val_interval = self._plan.after(self.epoch if self.by_epoch else self.iter)


@torch.no_grad()
def _set_buffers(model: nn.Module, buffers: Mapping[str, Tensor]) -> None:
    inner: Any = model
    while is_model_wrapper(inner):
        inner = inner.module
    found = dict(inner.named_buffers())
    for name, value in buffers.items():
        found[name].copy_(value)


def whole_number(name: str, value: Any) -> int:
    """Return a count that ``train_cfg`` gives.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"train_cfg: {name} must be a whole number, got {value!r}")
    return value
