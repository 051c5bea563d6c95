"""Calls of hooks at the two stages of an iteration, without a dict of arguments."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from engine_runner.protocols import RunnerLike

__all__ = ["StageMethods", "add_hook_note", "through_call_hook"]

# Methods by stage; they take the runner, the batch's number, the batch and, after it, the outputs.
StageMethods = dict[str, list[Callable[..., None]]]


def through_call_hook(runner: RunnerLike) -> StageMethods:
    """Return what to call where a runner's own ``call_hook`` counts."""
    return {
        "before_train_iter": [partial(_before_train_iter, runner)],
        "after_train_iter": [partial(_after_train_iter, runner)],
    }


def _before_train_iter(runner: RunnerLike, _: Any, batch_idx: int, data_batch: Any) -> None:
    runner.call_hook("before_train_iter", batch_idx=batch_idx, data_batch=data_batch)


def _after_train_iter(
    runner: RunnerLike, _: Any, batch_idx: int, data_batch: Any, outputs: Any
) -> None:
    runner.call_hook(
        "after_train_iter", batch_idx=batch_idx, data_batch=data_batch, outputs=outputs
    )


def add_hook_note(error: BaseException, stage: str, method: Any) -> None:
    """Say in which hook an error happened."""
    hook = getattr(method, "__self__", method)
    error.add_note(f"in {stage} of the hook {type(hook).__name__}")
