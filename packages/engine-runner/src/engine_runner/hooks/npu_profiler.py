"""Where the time goes on an Ascend NPU."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import torch

from engine_registry.trust import reaches_out
from engine_runner.hooks.hook import Hook
from engine_runner.protocols import RunnerLike

__all__ = ["NPUProfilerHook"]


@reaches_out
class NPUProfilerHook(Hook):
    """Profiles iterations on an Ascend NPU.

    Args:
        begin: the first iteration, counted from 0.
        end: the iteration before which it ends.
        result_path: where the results go.
        exit_after_profiling: whether the program ends then.
        use_e2e_profiler: whether torch's level is recorded with the device's.
        ge_profiling_to_std_out: whether the graph engine prints what it recorded.

    Raises:
        ValueError: ``begin`` and ``end`` enclose no iteration.
        ImportError: torch_npu isn't installed.
    """

    priority = "VERY_LOW"

    def __init__(
        self,
        *,
        begin: int = 0,
        end: int = 1,
        result_path: str = "cann_profiling",
        exit_after_profiling: bool = True,
        use_e2e_profiler: bool = False,
        ge_profiling_to_std_out: bool = False,
    ) -> None:
        if not 0 <= begin < end:
            raise ValueError(
                f"NPUProfilerHook: begin and end must enclose an iteration, got {begin} and {end}"
            )
        try:
            importlib.import_module("torch_npu")
        except ImportError as error:
            raise ImportError(
                "NPUProfilerHook needs an Ascend NPU and the package of its torch: "
                "pip install torch_npu"
            ) from error
        self.begin, self.end = begin, end
        self.result_path = result_path
        self.exit_after_profiling = exit_after_profiling
        self.use_e2e_profiler = use_e2e_profiler
        self.ge_profiling_to_std_out = ge_profiling_to_std_out
        self.profiler: Any = None
        self._is_recording = False

    def before_run(self, runner: RunnerLike) -> None:
        """Make the folder.

        Raises:
            ValueError: the training ends before ``end``.
        """
        if runner.max_iters is not None and self.end > runner.max_iters:
            raise ValueError(
                f"NPUProfilerHook: end is {self.end}, and the training has {runner.max_iters} "
                "iterations"
            )
        folder = Path(self.result_path)
        folder.mkdir(parents=True, exist_ok=True)
        npu: Any = vars(torch)["npu"]  # torch_npu adds it
        self.profiler = npu.profile(str(folder), use_e2e_profiler=self.use_e2e_profiler)

    def before_train_iter(self, runner: RunnerLike, batch_idx: int, data_batch: Any = None) -> None:
        """Begin before the first iteration of interest."""
        if runner.iter == self.begin:
            if self.ge_profiling_to_std_out:
                os.environ["GE_PROFILING_TO_STD_OUT"] = "1"  # CANN's name
            self.profiler.__enter__()
            self._is_recording = True

    def after_train_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """End after the last one.

        Raises:
            SystemExit: ``exit_after_profiling``.
        """
        if runner.iter == self.end - 1:
            self._end(runner)
            if self.exit_after_profiling:
                raise SystemExit(0)

    def after_train(self, runner: RunnerLike) -> None:
        """End, if the training ended earlier."""
        self._end(runner)

    def on_failure(self, runner: RunnerLike, error: BaseException) -> None:
        """End: what came before a failure is worth a look, too."""
        self._end(runner)

    def _end(self, runner: RunnerLike) -> None:
        if self._is_recording:
            self._is_recording = False
            self.profiler.__exit__(None, None, None)
            runner.logger.info("The profile of the NPU lies in %s", self.result_path)
