"""Calls of hooks at the stages of an iteration, without a dict of arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from engine_runner.protocols import RunnerLike

__all__ = ["ITERATION_STAGES", "StageCalls", "StageMethods", "add_hook_note"]

_BEFORE: Final = ("batch_idx", "data_batch")
_AFTER: Final = (*_BEFORE, "outputs")
# What the stages of an iteration are called with beside the runner, in order.
ITERATION_STAGES: Final[Mapping[str, tuple[str, ...]]] = {
    f"{when}_{mode}_iter": names
    for mode in ("train", "val", "test")
    for when, names in (("before", _BEFORE), ("after", _AFTER))
}
# Methods by stage; they take the runner, the batch's number, the batch and, after it, the outputs.
StageMethods = dict[str, list[Callable[..., None]]]


class StageCalls:
    """What a loop calls at the stages of an iteration.

    Args:
        runner: whose hooks they are.

    Attributes:
        through_call_hook: what to call where a runner's own ``call_hook`` counts.
    """

    def __init__(self, runner: RunnerLike) -> None:
        self._runner = runner
        self.through_call_hook: StageMethods = {
            stage: [partial(self._call_by_name, stage)] for stage in ITERATION_STAGES
        }
        in_order = getattr(runner, "hooks_in_order", None)
        self._usual = self.through_call_hook if in_order is None else in_order

    def present(self) -> StageMethods:
        """What to call now: a program may have put a function in place of ``call_hook``."""
        return self.through_call_hook if "call_hook" in self._runner.__dict__ else self._usual

    def call(self, stage: str, *given: Any) -> None:
        """Call a stage of every hook that has something to do there."""
        runner, stages = self._runner, self.present()
        method = None
        try:
            for method in stages[stage]:
                method(runner, *given)
        except Exception as error:
            if method is not None and stages is not self.through_call_hook:
                add_hook_note(error, stage, method)
            raise

    def _call_by_name(self, stage: str, _: RunnerLike, *given: Any) -> None:
        values = dict(zip(ITERATION_STAGES[stage], given, strict=True))
        self._runner.call_hook(stage, **values)


def add_hook_note(error: BaseException, stage: str, method: Any) -> None:
    """Say in which hook an error happened."""
    hook = getattr(method, "__self__", method)
    error.add_note(f"in {stage} of the hook {type(hook).__name__}")
