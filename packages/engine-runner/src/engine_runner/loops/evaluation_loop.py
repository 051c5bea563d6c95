"""Evaluation loop: a pass over each data set, its metrics, and losses where they are asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from typing import Any

import torch

from engine_dist.accelerator import get_device
from engine_evaluator import num_samples
from engine_registry.overridable import overridable
from engine_runner.loaders import metainfo_of
from engine_runner.loops.base import BaseLoop, built_loader
from engine_runner.loops.losses import EvaluationLosses
from engine_runner.loops.multi_loader import (
    EvaluationSet,
    SeveralLoaders,
    evaluators_of,
    intervals_of,
    loaders_of,
)
from engine_runner.loops.resume_position import draws_to_begin, length_of_pass, numbered
from engine_runner.protocols import RunnerLike
from engine_runner.randomness import rng_state, set_rng_state
from engine_runner.stage_calls import StageCalls

__all__ = ["EvalLoop"]

logger = logging.getLogger(__name__)


class EvalLoop(BaseLoop):
    """A pass over data without training, and what the evaluator says of it.

    Of several sets: one pass over each, and the numbers of all.
    """

    mode = ""

    def __init__(
        self,
        runner: RunnerLike,
        dataloader: Any,
        evaluator: Any,
        *,
        fp16: bool,
        loss: bool,
        intervals: dict[str, int] | None = None,
    ) -> None:
        self._has_losses = loss
        self._lengths: dict[int, int | None] = {}
        several = loaders_of(dataloader)
        if several is not None:
            kind = type(self).__name__
            loaders = {
                name: built_loader(runner, each, f"{kind}, set {name!r}")
                for name, each in several.items()
            }
            dataloader = SeveralLoaders(loaders)
        super().__init__(runner, dataloader)
        self._calls = StageCalls(runner)
        self._several = self._sets_of(evaluator, intervals)
        self.evaluator = self._several[0].evaluator if self._several else self._evaluator(evaluator)
        self._tell_metainfo(self.dataloader)
        self.fp16 = fp16
        self._device = get_device()
        self._losses = EvaluationLosses()
        self._has_warned = False

    def _sets_of(self, evaluator: Any, intervals: dict[str, int] | None) -> list[EvaluationSet]:
        """The sets, if there are several."""
        loader = self.dataloader
        loaders = loader.loaders if isinstance(loader, SeveralLoaders) else {}
        names = [*loaders]
        every = intervals_of(intervals, names, f"{self.mode}_cfg.intervals")
        if not names:
            return []
        evaluators = evaluators_of(evaluator, names, f"{self.mode}_evaluator")
        return [
            EvaluationSet(
                name=name,
                loader=each,
                evaluator=self._evaluator(evaluators[name]),
                interval=every[name],
            )
            for name, each in loaders.items()
        ]

    def _length(self, loader: Any) -> int | None:
        """Where a pass ends that wouldn't by itself; told once for each loader."""
        if id(loader) not in self._lengths:
            self._lengths[id(loader)] = length_of_pass(loader)
        return self._lengths[id(loader)]

    def _evaluator(self, given: Any) -> Any:
        """An evaluator of what was given for it; None where there are only losses."""
        if given is None and self._has_losses:
            return None
        if isinstance(given, dict | list | tuple) or hasattr(given, "compute"):
            given = self._runner.build_evaluator(given)
        if not (hasattr(given, "process") and hasattr(given, "evaluate")):
            raise TypeError(
                f"{self.mode}_evaluator must be an Evaluator, a metric's config or a list of them: "
                f"got {given!r:.200}"
            )
        return given

    @overridable
    def evaluators(self) -> dict[str, Any]:
        """What measures, by the name of the set; an only one has the name ""."""
        if not self._several:
            return {"": self.evaluator}
        return {each.name: each.evaluator for each in self._several}

    def run(self) -> dict[str, Any]:
        """Evaluate, and return the numbers by name."""
        due = self._due()
        if not due:
            return {}
        runner, mode, loader = self._runner, self.mode, self.dataloader
        if isinstance(loader, SeveralLoaders):
            loader.begin([each.name for each in due])
        runner.call_hook(f"before_{mode}")
        runner.call_hook(f"before_{mode}_epoch")
        runner.model.eval()
        metrics: dict[str, Any] = {}
        num_batches = 0
        with self._random_numbers_kept(due):
            for each in due:
                self._enter(each)
                num_batches = self._pass(each, num_batches, metrics)
        if self._several:
            self._enter(self._several[0])
        if mode == "val":
            runner.state.validated_at = runner.state.iteration
        runner.call_hook(f"after_{mode}_epoch", metrics=metrics)
        runner.call_hook(f"after_{mode}")
        return metrics

    def _pass(self, one: EvaluationSet, start: int, metrics: dict[str, Any]) -> int:
        """Evaluate on one set, whose first batch has the number ``start``; the next set's."""
        self._losses = EvaluationLosses()
        size, number = _size(one.loader), start
        if hasattr(one.evaluator, "begin_evaluation"):
            one.evaluator.begin_evaluation(size)
        with closing(numbered(one.loader, most=self._length(one.loader))) as batches:
            for idx, data_batch in batches:
                self.run_iter(start + idx, data_batch)
                number = start + idx + 1
        found = {} if one.evaluator is None else dict(one.evaluator.evaluate(size))
        losses = self._losses.means(self.mode)
        for name in losses:
            if self._has_losses and name in found:
                raise ValueError(
                    f"a metric is called {name!r}, as a loss is: give the metric a prefix"
                )
        metrics.update({one.prefixed(name): value for name, value in (found | losses).items()})
        return number

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: Sequence[dict[str, Any]]) -> None:
        """Predict for a batch, and hand that to the evaluator."""
        mode = self.mode
        self._calls.call(f"before_{mode}_iter", idx, data_batch)
        changes = self.fp16 or torch.is_autocast_enabled(self._device)  # one that is on is left
        with torch.autocast(self._device, enabled=self.fp16) if changes else nullcontext():
            outputs = self._losses.take(self._step(data_batch))
        if self.evaluator is not None:
            self.evaluator.process(data_samples=outputs, data_batch=data_batch)
        self._calls.call(f"after_{mode}_iter", idx, data_batch, outputs)

    def _step(self, data_batch: Any) -> Any:
        """Predictions for a batch; its losses are put down, if there are to be any."""
        model: Any = self._runner.model  # a BaseModel, or its wrapper
        if not self._has_losses:
            return model.val_step(data_batch) if self.mode == "val" else model.test_step(data_batch)
        if not hasattr(model, "evaluate_step"):
            raise TypeError(
                f"{self.mode}_cfg=dict(loss=True) needs a model with evaluate_step(), which a "
                f"BaseModel has and {type(model).__name__} hasn't"
            )
        losses, outputs = model.evaluate_step(data_batch, predict=self.evaluator is not None)
        self._losses.add(losses, self._weight(data_batch, outputs))
        return outputs

    def _weight(self, data_batch: Any, outputs: Any) -> int:
        """How many samples a batch has."""
        found = num_samples(data_batch)
        if found is None and isinstance(outputs, list | tuple) and outputs:
            found = len(outputs)
        if found is None and not self._has_warned:
            self._has_warned = True
            logger.warning(
                "a batch of type %s doesn't tell how many samples it has: every batch counts as "
                "much in the mean of the losses",
                type(data_batch).__name__,
            )
        return 1 if found is None else found

    def _enter(self, one: EvaluationSet) -> None:
        """Let a set be the present one."""
        self.evaluator = one.evaluator
        if isinstance(self.dataloader, SeveralLoaders):
            self.dataloader.enter(one.name)
        self._tell_metainfo(one.loader)

    def _tell_metainfo(self, loader: Any) -> None:
        """Tell who draws and who measures what is known of the data."""
        metainfo = metainfo_of(loader)
        if metainfo is not None:
            if self.evaluator is not None:
                self.evaluator.dataset_meta = metainfo
            self._runner.visualizer.dataset_meta = metainfo

    def _due(self) -> list[EvaluationSet]:
        """The sets whose turn it is: in a training by their intervals, otherwise all."""
        runner, several = self._runner, self._several
        if not several:
            return [EvaluationSet(name="", loader=self.dataloader, evaluator=self.evaluator)]
        if all(each.interval == 1 for each in several):
            return several
        if runner.message_hub.runtime_info.get("loop_stage") != "train":
            return several
        trained = runner.train_loop
        by_epoch = getattr(trained, "by_epoch", True)
        done, last = (
            (runner.epoch, runner.max_epochs) if by_epoch else (runner.iter, runner.max_iters)
        )
        before = done - getattr(trained, "val_interval", 1)
        return [
            each
            for each in several
            if done // each.interval > before // each.interval or done == last
        ]

    @contextmanager
    def _random_numbers_kept(self, due: list[EvaluationSet]) -> Iterator[None]:
        """Hold that nothing that an evaluation draws changes the random numbers of the training.

        But for what torch draws to begin a pass: MMEngine's trainings go on after that. Workers
        that persist begin once in a training, also in one that is resumed.
        """
        state, is_first = rng_state(), not self._runner.state.validated_at
        try:
            yield
        finally:
            set_rng_state(state)
            for one in due:
                if draws_to_begin(one.loader, is_first=is_first):
                    torch.empty((), dtype=torch.int64).random_()


def _size(loader: Any) -> int:
    """How many samples a pass has, which is what results of padded ranks are cut to."""
    try:
        return len(loader.dataset)
    except (AttributeError, TypeError):  # it streams its data: nothing was padded
        return 2**62
