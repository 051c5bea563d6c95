"""Where the time goes, by torch's profiler."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile, schedule, tensorboard_trace_handler

from engine_registry.trust import reaches_out
from engine_runner.hooks.hook import Hook
from engine_runner.protocols import RunnerLike

__all__ = ["ProfilerHook"]

_MOST_ITERATIONS = 10  # a trace of more is larger than what shows it can read


@reaches_out
class ProfilerHook(Hook):
    """Profiles the beginning of a training, and writes a trace or logs a table.

    A training that ends or fails earlier leaves the trace of what it did. Without
    ``on_trace_ready`` and ``json_trace_path`` the table is logged.

    Args:
        by_epoch: whether ``profile_times`` counts epochs, or else iterations.
        profile_times: for how many.
        activity_with_cpu: whether the CPU is looked at.
        activity_with_cuda: whether the GPU is; without one, there is a warning.
        schedule: arguments of ``torch.profiler.schedule``, which counts iterations; by default all
            of them are recorded.
        on_trace_ready: called with the profiler when a recording is done; or
            ``dict(type="log_trace", ...)`` to log a table (with arguments of ``table``), or
            ``dict(type="tb_trace", ...)`` for a trace in the format of TensorBoard's plugin (with
            arguments of ``tensorboard_trace_handler``; a relative ``dir_name`` lies in the log
            folder, and its default is ``tf_tracing_logs`` there).
        record_shapes: whether the shapes of inputs are recorded.
        profile_memory: whether allocations are.
        with_stack: whether the lines of code are.
        with_flops: whether floating-point operations are estimated.
        json_trace_path: the file for a trace that Perfetto and ``chrome://tracing`` show; a
            relative one lies in the log folder.

    Raises:
        ValueError: there is nothing to look at, ``profile_times`` isn't positive, more than 10
            iterations are to be recorded without a schedule, or both ways to write are given.
        TypeError: ``schedule`` is no dict, or ``on_trace_ready`` neither callable nor dict.
    """

    priority = "VERY_LOW"

    def __init__(
        self,
        *,
        by_epoch: bool = True,
        profile_times: int = 1,
        activity_with_cpu: bool = True,
        activity_with_cuda: bool = False,
        schedule: dict[str, Any] | None = None,
        on_trace_ready: Callable[..., Any] | dict[str, Any] | None = None,
        record_shapes: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_flops: bool = False,
        json_trace_path: str | None = None,
    ) -> None:
        if profile_times < 1:
            raise ValueError(f"ProfilerHook: profile_times must be positive, got {profile_times}")
        if not by_epoch and schedule is None and profile_times > _MOST_ITERATIONS:
            raise ValueError(
                f"ProfilerHook: a trace of {profile_times} iterations is too large to look at: "
                f"record at most {_MOST_ITERATIONS}, or some of them with a schedule"
            )
        if json_trace_path is not None and on_trace_ready is not None:
            raise ValueError("ProfilerHook: json_trace_path and on_trace_ready are two ways to "
                             "write the same trace: give one")  # fmt: skip
        self.by_epoch = by_epoch
        self.profile_times = profile_times
        self.activities = _activities(cpu=activity_with_cpu, cuda=activity_with_cuda)
        self.schedule = _schedule(schedule)
        self.on_trace_ready = _checked(on_trace_ready)
        self.record_shapes = record_shapes
        self.profile_memory = profile_memory
        self.with_stack = with_stack
        self.with_flops = with_flops
        self.json_trace_path = json_trace_path
        self.profiler: Any = None  # while it records
        self._num_epochs = self._num_iters = 0

    def before_run(self, runner: RunnerLike) -> None:
        """Begin, if this is a training.

        Raises:
            ValueError: the training is shorter than ``profile_times``.
        """
        limit = runner.max_epochs if self.by_epoch else runner.max_iters
        if limit is not None and limit < self.profile_times:
            unit = "epochs" if self.by_epoch else "iterations"
            raise ValueError(
                f"ProfilerHook: profile_times is {self.profile_times} {unit}, and the training has "
                f"{limit}"
            )

    def before_train(self, runner: RunnerLike) -> None:
        """Begin to record."""
        self._num_epochs = self._num_iters = 0
        self.profiler = profile(
            activities=self.activities,
            schedule=self.schedule,
            on_trace_ready=self._handler(runner),
            record_shapes=self.record_shapes,
            profile_memory=self.profile_memory,
            with_stack=self.with_stack,
            with_flops=self.with_flops,
        )
        self.profiler.start()
        runner.logger.info("The profiler records, which makes the training slower")

    def after_train_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Count an iteration, and end after the last one."""
        if self.profiler is None:
            return
        self.profiler.step()
        self._num_iters += 1
        if not self.by_epoch and self._num_iters == self.profile_times:
            self._end(runner)

    def after_train_epoch(self, runner: RunnerLike) -> None:
        """Count an epoch, and end after the last one."""
        self._num_epochs += 1
        if self.by_epoch and self._num_epochs == self.profile_times:
            self._end(runner)

    def after_train(self, runner: RunnerLike) -> None:
        """End, if the training was shorter than was to be recorded."""
        self._end(runner)

    def on_failure(self, runner: RunnerLike, error: BaseException) -> None:
        """End: what came before a failure is worth a look, too."""
        self._end(runner)

    def _end(self, runner: RunnerLike) -> None:
        if self.profiler is not None:
            profiler, self.profiler = self.profiler, None
            profiler.stop()
            runner.logger.info("The profiler has ended, after %d iterations", self._num_iters)

    def _handler(self, runner: RunnerLike) -> Callable[[Any], None]:
        """What is done with a recording."""
        given = self.on_trace_ready
        if callable(given):
            found: Callable[[Any], None] = given
            return found
        if self.json_trace_path is not None:
            path = Path(runner.log_dir) / self.json_trace_path
            return lambda profiler: _write_json(profiler, path, runner)
        arguments = dict(given or {"type": "log_trace"})
        if arguments.pop("type") == "log_trace":
            return lambda profiler: _log_table(profiler, arguments, runner)
        folder = Path(runner.log_dir) / arguments.pop("dir_name", "tf_tracing_logs")
        arguments.setdefault("worker_name", f"rank{runner.rank}")
        write = tensorboard_trace_handler(str(folder), **arguments)

        def trace(profiler: Any) -> None:
            write(profiler)
            runner.logger.info("The trace lies in %s", folder)

        return trace


def _activities(*, cpu: bool, cuda: bool) -> list[ProfilerActivity]:
    found = [ProfilerActivity.CPU] if cpu else []
    if cuda:
        if torch.cuda.is_available():
            found.append(ProfilerActivity.CUDA)
        else:
            warnings.warn(
                "ProfilerHook: torch sees no GPU, so activity_with_cuda records nothing",
                stacklevel=3,
            )
    if not found:
        raise ValueError("ProfilerHook: there is nothing to record; set activity_with_cpu")
    return found


def _schedule(given: Any) -> Callable[[int], Any] | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise TypeError(
            "ProfilerHook: schedule must be a dict of arguments of torch.profiler.schedule, such "
            f"as dict(wait=1, warmup=1, active=3), got {given!r:.200}"
        )
    found: Callable[[int], Any] = schedule(**given)
    return found


def _checked(handler: Any) -> Any:
    if handler is None or callable(handler):
        return handler
    if not isinstance(handler, dict):
        raise TypeError(
            f"ProfilerHook: on_trace_ready must be callable, a dict or None, got {handler!r:.200}"
        )
    if handler.get("type") not in ("log_trace", "tb_trace"):
        raise ValueError(
            "ProfilerHook: the type of on_trace_ready is 'log_trace' or 'tb_trace', got "
            f"{handler.get('type')!r}"
        )
    return handler


def _log_table(profiler: Any, arguments: dict[str, Any], runner: RunnerLike) -> None:
    table = profiler.key_averages().table(**{"row_limit": 20, **arguments})
    runner.logger.info("Where the time went:\n%s", table)


def _write_json(profiler: Any, path: Path, runner: RunnerLike) -> None:
    """Write all of it or nothing; on several ranks each its own."""
    if runner.distributed:
        path = path.with_name(f"{path.stem}_rank{runner.rank}{path.suffix}")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.stem}.draft{path.suffix}")  # a suffix .gz compresses
    profiler.export_chrome_trace(str(draft))
    draft.replace(path)
    runner.logger.info("The trace is %s: open it at https://ui.perfetto.dev", path)
