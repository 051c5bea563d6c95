"""Profiles: recorded for as long as was asked, and written whatever happens."""

from __future__ import annotations

import importlib.util
import json
import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from toy import QUIET, Points, loader, without_validation

from engine_runner.hooks import Hook, NPUProfilerHook, ProfilerHook


def runner_with(toy: Any, hook: ProfilerHook, *more: Hook, **options: Any) -> Any:
    """Three epochs of four iterations, and what was logged."""
    arguments: dict[str, Any] = {
        "train_dataloader": loader(Points(8)),
        "train_cfg": {"by_epoch": True, "max_epochs": 3},
        "default_hooks": QUIET,
        "log_level": "INFO",
        **without_validation(),
        **options,
    }
    return toy(**arguments, custom_hooks=[hook, *more])


def log_of(runner: Any) -> str:
    for handler in runner.logger.handlers:
        handler.flush()
    return Path(runner.log_dir, f"{runner.timestamp}.log").read_text(encoding="utf-8")


def steps_in(trace: Path) -> int:
    """How many optimizer steps a trace shows."""
    events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    return sum(event.get("name") == "Optimizer.step#SGD.step" for event in events)


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ({}, 4),
        ({"profile_times": 2}, 8),
        ({"by_epoch": False, "profile_times": 3}, 3),
        ({"by_epoch": False, "schedule": {"wait": 1, "warmup": 1, "active": 2}}, 2),
    ],
)
def test_a_trace_shows_the_beginning(toy: Any, options: dict[str, Any], steps: int) -> None:
    if "schedule" in options:
        options = {**options, "profile_times": 6, "schedule": {**options["schedule"], "repeat": 1}}
    runner = runner_with(toy, ProfilerHook(json_trace_path="trace.json", **options))
    runner.train()
    trace = Path(runner.log_dir, "trace.json")
    assert steps_in(trace) == steps
    assert f"The trace is {trace}" in log_of(runner)
    assert [path.name for path in trace.parent.glob("*.json")] == ["trace.json"]


class Stop(Hook):
    """Ends the training in its second iteration."""

    priority = "LOWEST"

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def after_train_iter(self, runner: Any, **kwargs: Any) -> None:
        if runner.iter == 1:
            raise self.error


@pytest.mark.parametrize("error", [ArithmeticError("stopped here"), KeyboardInterrupt()])
def test_a_training_that_fails_leaves_a_trace(toy: Any, error: BaseException) -> None:
    runner = runner_with(toy, ProfilerHook(json_trace_path="trace.json"), Stop(error))
    with pytest.raises(type(error)):
        runner.train()
    assert steps_in(Path(runner.log_dir, "trace.json")) == 2
    assert "The profiler has ended, after 2 iterations" in log_of(runner)
    # Torch has one profiler a process: the next one can begin.
    other = runner_with(toy, ProfilerHook(json_trace_path="trace.json"))
    other.train()


def test_a_training_that_is_stopped_early_leaves_a_trace(toy: Any) -> None:
    class Enough(Hook):
        def after_train_epoch(self, runner: Any) -> None:
            runner.train_loop.stop_training = True

    hook = ProfilerHook(profile_times=2, json_trace_path="trace.json")
    runner = runner_with(toy, hook, Enough())
    runner.train()
    assert runner.epoch == 1
    assert steps_in(Path(runner.log_dir, "trace.json")) == 4


def test_a_table_is_logged(toy: Any) -> None:
    handler = {"type": "log_trace", "sort_by": "self_cpu_time_total", "row_limit": 3}
    runner = runner_with(toy, ProfilerHook(on_trace_ready=handler))
    runner.train()
    assert "Self CPU time total" in log_of(runner)


def test_tensorboards_format_is_written(toy: Any) -> None:
    handler = {"type": "tb_trace", "dir_name": "traces"}
    runner = runner_with(toy, ProfilerHook(on_trace_ready=handler))
    runner.train()
    (trace,) = Path(runner.log_dir, "traces").glob("rank0.*.pt.trace.json")
    assert steps_in(trace) == 4


def test_a_handler_of_ones_own_is_called(toy: Any) -> None:
    seen: list[int] = []
    hook = ProfilerHook(on_trace_ready=lambda profiler: seen.append(len(profiler.events())))
    runner_with(toy, hook).train()
    assert len(seen) == 1
    assert seen[0] > 10


def test_a_test_or_validation_isnt_profiled(toy: Any) -> None:
    hook = ProfilerHook()
    toy(custom_hooks=[hook], default_hooks=QUIET).val()
    assert hook.profiler is None


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"activity_with_cpu": False}, ValueError, "nothing to record"),
        ({"profile_times": 0}, ValueError, "must be positive"),
        ({"by_epoch": False, "profile_times": 11}, ValueError, "at most 10"),
        ({"schedule": 3}, TypeError, r"dict\(wait=1"),
        ({"on_trace_ready": 3}, TypeError, "callable, a dict or None"),
        ({"on_trace_ready": {"type": "other"}}, ValueError, "'log_trace' or 'tb_trace'"),
        ({"on_trace_ready": print, "json_trace_path": "a.json"}, ValueError, "give one"),
    ],
)
def test_wrong_arguments_are_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ProfilerHook(**options)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_isnt_there_is_told() -> None:
    with pytest.warns(UserWarning, match="torch sees no GPU"):
        hook = ProfilerHook(activity_with_cuda=True)
    assert hook.activities == [torch.profiler.ProfilerActivity.CPU]


def test_more_than_the_training_is_refused(toy: Any) -> None:
    with pytest.raises(ValueError, match="profile_times is 4 epochs, and the training has 3"):
        runner_with(toy, ProfilerHook(profile_times=4)).train()


@pytest.mark.skipif(
    importlib.util.find_spec("torch_npu") is not None, reason="there is a torch for Ascend"
)
def test_an_npu_needs_its_torch() -> None:
    with pytest.raises(ImportError, match="pip install torch_npu"):
        NPUProfilerHook()
    with pytest.raises(ValueError, match="enclose an iteration, got 3 and 2"):
        NPUProfilerHook(begin=3, end=2)


def test_profiling_says_that_it_slows_down(toy: Any) -> None:
    runner = runner_with(toy, ProfilerHook(), log_level=logging.INFO)
    runner.train()
    assert "makes the training slower" in log_of(runner)
