"""Validation and test."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import torch

from engine_runner.device import get_device
from engine_runner.loaders import metainfo_of
from engine_runner.loops.base import BaseLoop
from engine_runner.loops.losses import EvaluationLosses
from engine_runner.loops.position import numbered
from engine_runner.protocols import RunnerLike

__all__ = ["TestLoop", "ValLoop"]


class _EvalLoop(BaseLoop):
    """A pass over data without training, and what the evaluator says of it."""

    mode = ""

    def __init__(self, runner: RunnerLike, dataloader: Any, evaluator: Any, *, fp16: bool) -> None:
        super().__init__(runner, dataloader)
        if isinstance(evaluator, dict | list | tuple):
            evaluator = runner.build_evaluator(evaluator)
        if not (hasattr(evaluator, "process") and hasattr(evaluator, "evaluate")):
            raise TypeError(
                f"{self.mode}_evaluator must be an Evaluator, a metric's config or a list of them: "
                f"got {evaluator!r:.200}"
            )
        self.evaluator = evaluator
        metainfo = metainfo_of(self.dataloader)
        if metainfo is not None:
            self.evaluator.dataset_meta = metainfo
            runner.visualizer.dataset_meta = metainfo
        self.fp16 = fp16
        self._device = get_device()
        self._losses = EvaluationLosses()

    def run(self) -> dict[str, Any]:
        """Evaluate, and return the numbers by name."""
        runner, mode = self._runner, self.mode
        runner.call_hook(f"before_{mode}")
        runner.call_hook(f"before_{mode}_epoch")
        runner.model.eval()
        self._losses = EvaluationLosses()
        with closing(numbered(self.dataloader)) as batches:
            for idx, data_batch in batches:
                self.run_iter(idx, data_batch)
        size = _size(self.dataloader)
        metrics: dict[str, Any] = self.evaluator.evaluate(size)
        metrics.update(self._losses.means(mode))
        runner.call_hook(f"after_{mode}_epoch", metrics=metrics)
        runner.call_hook(f"after_{mode}")
        return metrics

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: Sequence[dict[str, Any]]) -> None:
        """Predict for a batch, and hand that to the evaluator."""
        runner, mode = self._runner, self.mode
        runner.call_hook(f"before_{mode}_iter", batch_idx=idx, data_batch=data_batch)
        model: Any = runner.model  # a BaseModel, or its wrapper
        step = model.val_step if mode == "val" else model.test_step
        with torch.autocast(self._device, enabled=self.fp16):
            outputs = self._losses.take(step(data_batch))
        self.evaluator.process(data_samples=outputs, data_batch=data_batch)
        runner.call_hook(
            f"after_{mode}_iter", batch_idx=idx, data_batch=data_batch, outputs=outputs
        )


class ValLoop(_EvalLoop):
    """Evaluates the model during a training.

    Args:
        runner: the runner that it works for.
        dataloader: the data, or the config of a loader.
        evaluator: what measures, or the configs of metrics.
        fp16: whether to compute in half precision where that is safe.

    Raises:
        TypeError: ``evaluator`` is neither.
        ValueError: the loader is empty.
    """

    mode = "val"

    def __init__(
        self, runner: RunnerLike, dataloader: Any, evaluator: Any, fp16: bool = False
    ) -> None:
        super().__init__(runner, dataloader, evaluator, fp16=fp16)


class TestLoop(_EvalLoop):
    """Evaluates the model at the end.

    Args:
        runner: the runner that it works for.
        dataloader: the data, or the config of a loader.
        evaluator: what measures, or the configs of metrics.
        fp16: whether to compute in half precision where that is safe.

    Raises:
        TypeError: ``evaluator`` is neither.
        ValueError: the loader is empty.
    """

    mode = "test"
    __test__ = False  # pytest would take it for one

    def __init__(
        self, runner: RunnerLike, dataloader: Any, evaluator: Any, fp16: bool = False
    ) -> None:
        super().__init__(runner, dataloader, evaluator, fp16=fp16)


def _size(loader: Any) -> int:
    """How many samples a pass has, which is what results of padded ranks are cut to."""
    try:
        return len(loader.dataset)
    except (AttributeError, TypeError):  # it streams its data: nothing was padded
        return 2**62
