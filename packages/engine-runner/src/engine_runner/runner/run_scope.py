"""Run scope: what holds while a runner trains, validates or tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from engine_dist import is_main_process
from engine_registry import DefaultScope
from engine_runner.logs import ProgressBar, wanted
from engine_runner.runner.loop_table import LoopTable

__all__ = ["run_scope"]


@contextmanager
def run_scope(runner: Any, mode: str, loops: LoopTable) -> Iterator[None]:
    """Find names in the run's scope, and show a progress bar; at the end let go of files.

    Hooks put in order what they have begun, in their ``on_failure``, if the run fails.

    Args:
        runner: what runs.
        mode: "train", "val" or "test".
        loops: whose data workers end with the run.
    """
    with ExitStack() as stack:
        name = runner.default_scope.scope_name
        stack.enter_context(DefaultScope.overwrite_default_scope(name))
        if is_main_process() and wanted():
            runner.progress_bar = stack.enter_context(ProgressBar(runner, mode))
            stack.callback(setattr, runner, "progress_bar", None)
        for holder in (runner.logger, runner.visualizer):
            stack.callback(getattr(holder, "release", lambda: None))
        stack.callback(loops.end_workers)
        try:
            yield
        except BaseException as error:
            runner.call_hook("on_failure", error=error)
            raise
