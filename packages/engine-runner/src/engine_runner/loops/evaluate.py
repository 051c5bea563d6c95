"""Validation and test loops."""

from __future__ import annotations

from typing import Any

from engine_runner.loops.evaluation_loop import EvalLoop
from engine_runner.protocols import RunnerLike

__all__ = ["TestLoop", "ValLoop"]


class ValLoop(EvalLoop):
    """Evaluates the model during a training.

    Args:
        runner: the runner that it works for.
        dataloader: the data, or the config of a loader; or several sets: a dict of them by name,
            or a list.
        evaluator: what measures, or the configs of metrics; of several sets, a dict by their
            names, or one of which each gets a copy. The names of metrics begin with the set's.
        fp16: whether to compute in half precision where that is safe.
        loss: whether to average the model's losses, too: as ``val_loss``, their sum, and each as
            ``val_`` and its name. Then there need be no evaluator.
        intervals: of several sets, by name, epochs or iterations of a training between two
            evaluations: a set is evaluated in the first validation at or after each multiple, and
            in that at the end. Others are evaluated in each.

    Raises:
        TypeError: ``evaluator`` is neither.
        ValueError: a loader is empty, or a name stands for no set.
    """

    mode = "val"

    def __init__(
        self,
        runner: RunnerLike,
        dataloader: Any,
        evaluator: Any,
        fp16: bool = False,
        *,
        loss: bool = False,
        intervals: dict[str, int] | None = None,
    ) -> None:
        super().__init__(runner, dataloader, evaluator, fp16=fp16, loss=loss, intervals=intervals)


class TestLoop(EvalLoop):
    """Evaluates the model at the end.

    Args:
        runner: the runner that it works for.
        dataloader: the data, or the config of a loader; or several sets: a dict of them by name,
            or a list.
        evaluator: what measures, or the configs of metrics; of several sets, a dict by their
            names, or one of which each gets a copy. The names of metrics begin with the set's.
        fp16: whether to compute in half precision where that is safe.
        loss: whether to average the model's losses, too: as ``test_loss``, their sum, and each as
            ``test_`` and its name. Then there need be no evaluator.

    Raises:
        TypeError: ``evaluator`` is neither.
        ValueError: a loader is empty, or a name stands for no set.
    """

    mode = "test"
    __test__ = False  # pytest would take it for one

    def __init__(
        self,
        runner: RunnerLike,
        dataloader: Any,
        evaluator: Any,
        fp16: bool = False,
        *,
        loss: bool = False,
    ) -> None:
        super().__init__(runner, dataloader, evaluator, fp16=fp16, loss=loss)
