"""Log lines, scalars for the visualizer, and NaN losses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine_dist import is_main_process
from engine_fileio import copyfile_from_local, dump, join_path
from engine_runner.hooks.hook import Hook
from engine_runner.loaders import num_batches
from engine_runner.logs.errors import NonFiniteLossError
from engine_runner.protocols import RunnerLike
from engine_runner.state import check_clock

__all__ = ["LoggerHook", "NonFiniteLossError"]

SUFFIX_TYPE = Sequence[str] | str


class LoggerHook(Hook):
    """Writes a log line every few iterations and after each validation and test.

    Args:
        interval: iterations between log lines, or optimizer steps: see ``clock``.
        ignore_last: leave out the line for the last iterations of an epoch, if they are fewer than
            ``interval``.
        interval_exp_name: iterations between lines that repeat the name of the experiment.
        out_dir: where to copy the logs at the end, in a folder named as the work_dir; of a remote
            work_dir they are copied into it, also when the training fails.
        out_suffix: which files are copied.
        keep_local: whether what was copied stays in the work_dir.
        file_client_args: MMEngine's former name of ``backend_args``.
        log_metric_by_epoch: whether a validation's numbers are drawn over epochs, in an
            epoch-based training; over iterations otherwise.
        backend_args: of the storage of ``out_dir``.
        clock: what ``interval`` counts in a training: "iteration" (in an epoch-based one, from the
            epoch's beginning), or "step", the optimizer's over the whole training, whose number is
            then logged as ``optimizer_steps``.
        stop_at_nan: raise where a loss is NaN in every iteration since the last line, as the
            weights are lost by then; of single ones, such as a loss scaler skips, there is a
            warning. Otherwise, go on with a warning.

    Raises:
        ValueError: an interval isn't positive, or both arguments of the storage are given.
    """

    priority = "BELOW_NORMAL"

    def __init__(
        self,
        interval: int = 10,
        ignore_last: bool = True,
        interval_exp_name: int = 1000,
        out_dir: str | Path | None = None,
        out_suffix: SUFFIX_TYPE = (".json", ".log", ".py", "yaml"),
        keep_local: bool = True,
        file_client_args: dict[str, Any] | None = None,
        log_metric_by_epoch: bool = True,
        backend_args: dict[str, Any] | None = None,
        *,
        clock: str = "iteration",
        stop_at_nan: bool = True,
    ) -> None:
        for name, value in (("interval", interval), ("interval_exp_name", interval_exp_name)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"LoggerHook: {name} must be a positive int, got {value!r}")
        if file_client_args is not None and backend_args is not None:
            raise ValueError("LoggerHook: file_client_args is the former name of backend_args")
        self.interval = interval
        self.ignore_last = ignore_last
        self.interval_exp_name = interval_exp_name
        self.out_dir = out_dir
        self.out_suffix = (out_suffix,) if isinstance(out_suffix, str) else tuple(out_suffix)
        self.keep_local = keep_local
        self.backend_args = backend_args or file_client_args
        self.log_metric_by_epoch = log_metric_by_epoch
        self.clock = check_clock("LoggerHook", clock)
        self.stop_at_nan = stop_at_nan
        self.json_log_path = ""
        self._out_dir = ""
        self._checked = 0  # iterations until the last line
        self._num_batches = 0  # of the evaluation that is going on
        self._last_line = -1  # the batch of an epoch that ends it and deserves a line

    def before_run(self, runner: RunnerLike) -> None:
        """Settle where everything goes."""
        self.json_log_path = f"{runner.timestamp}.json"
        if self.out_dir is not None:
            name = Path(runner.work_dir).name
            self._out_dir = join_path(str(self.out_dir), name, backend_args=self.backend_args)
        elif "://" in str(runner.work_dir):
            self._out_dir = join_path(runner.work_dir, runner.timestamp)
        if self._out_dir:
            runner.logger.info("Text logs will be saved to %s after the training", self._out_dir)

    def before_train(self, runner: RunnerLike) -> None:
        """Begin to look at losses."""
        self._checked = runner.iter

    def before_train_epoch(self, runner: RunnerLike) -> None:
        """Find out whether the epoch's last batch deserves a line although none is due then."""
        length = num_batches(runner.train_dataloader) or 0
        short = not self.ignore_last or length <= self.interval
        self._last_line = length - 1 if short else -1

    def after_train_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Write a line if one is due."""
        if self.clock == "step":
            if not self.every_n_steps(runner, self.interval) and batch_idx != self._last_line:
                return
            runner.message_hub.update_scalar("train/optimizer_steps", runner.state.optimizer_steps)
        elif not self.every_n_inner_iters(batch_idx, self.interval):
            if batch_idx != self._last_line:
                return
        iteration = runner.iter + 1
        if self.every_n_train_iters(runner, self.interval_exp_name):
            runner.logger.info("Exp name: %s", runner.experiment_name)
        tag, line = runner.log_processor.get_log_after_iter(runner, batch_idx, "train")
        self._check(runner, tag)
        _write(runner, line, tag, during="train")
        runner.visualizer.add_scalars(tag, step=iteration, file_path=self.json_log_path)

    def _check(self, runner: RunnerLike, tag: dict[str, Any]) -> None:
        """Warn of a loss that was NaN since the last line, and stop if it was so all the time.

        The one that was so first is named; the sum comes last.
        """
        since, self._checked = self._checked, runner.iter + 1
        bad = [
            name
            for name, value in tag.items()
            if "loss" in name and isinstance(value, float) and not math.isfinite(value)
        ]
        found = [
            (*nan, name == "loss", name) for name in bad if (nan := _nan_since(runner, name, since))
        ]
        if not found:
            return
        is_now_and_then, iteration, _, name = min(found)
        if is_now_and_then:
            runner.logger.warning(
                f"the loss {name!r} was NaN in iteration {iteration}, but not in all since the "
                "last line: the training goes on"
            )
            return
        message = (
            f"the loss {name!r} is NaN since iteration {iteration} (now {runner.iter + 1}). "
            "Lower the learning rate, clip gradients (clip_grad=dict(max_norm=1) in "
            "optim_wrapper), or look for bad samples; LoggerHook(stop_at_nan=False) goes on"
        )
        if self.stop_at_nan:
            losses = {name: tag[name] for name in tag if "loss" in name}
            raise NonFiniteLossError(message, iteration=iteration, losses=losses)
        runner.logger.warning(message)

    def after_val_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Write a line if one is due."""
        self._after_eval_iter(runner, batch_idx, "val")

    def after_test_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Write a line if one is due."""
        self._after_eval_iter(runner, batch_idx, "test")

    def _after_eval_iter(self, runner: RunnerLike, batch_idx: int, mode: str) -> None:
        self._num_batches = batch_idx + 1
        if self.every_n_inner_iters(batch_idx, self.interval):
            _, line = runner.log_processor.get_log_after_iter(runner, batch_idx, mode)
            _write(runner, line, {}, during=mode)

    def after_val_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Write the validation's numbers."""
        tag, line = runner.log_processor.get_log_after_epoch(runner, self._num_batches, "val")
        _write(runner, line, tag)
        by_epoch = self.log_metric_by_epoch and not _by_iter(runner)
        step = runner.epoch if by_epoch else runner.iter
        runner.visualizer.add_scalars(tag, step=step, file_path=self.json_log_path)

    def after_test_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Write the test's numbers, into the log and into ``<timestamp>/<timestamp>.json``."""
        tag, line = runner.log_processor.get_log_after_epoch(
            runner, self._num_batches, "test", with_non_scalar=True
        )
        _write(runner, line, tag)
        if is_main_process():
            numbers = {name: value for name, value in tag.items() if not hasattr(value, "shape")}
            dump(numbers, join_path(runner.log_dir, self.json_log_path))

    def after_run(self, runner: RunnerLike) -> None:
        """Copy the logs to ``out_dir``, if one was given, or to a remote work_dir."""
        if not self._out_dir or not is_main_process():
            return
        log_dir = Path(runner.log_dir)
        files = [path for path in sorted(log_dir.rglob("*")) if path.is_file()]
        for path in files:
            if not path.name.endswith(self.out_suffix):
                continue
            name = path.relative_to(log_dir).as_posix()
            target = join_path(str(self._out_dir), name, backend_args=self.backend_args)
            copyfile_from_local(str(path), target, backend_args=self.backend_args)
            runner.logger.info("%s was copied to %s", name, target)
            if not self.keep_local:
                path.unlink()

    def on_failure(self, runner: RunnerLike, error: BaseException) -> None:
        """Copy the logs to a remote work_dir; the failure itself is what counts."""
        if "://" in str(runner.work_dir):
            with suppress(OSError):
                self.after_run(runner)


def _nan_since(runner: RunnerLike, name: str, last: int) -> tuple[bool, int] | None:
    """Whether a loss was also no NaN after iteration ``last``, and which was NaN first, from 1.

    None if none was NaN after ``last``.
    """
    key = name if name.startswith("train/") else f"train/{name}"
    if key not in runner.message_hub.log_scalars:
        return None
    _, values, _ = runner.message_hub.get_scalar(key).since(0)
    now = runner.iter + 1
    begin = max(0, len(values) - max(1, now - last))
    bad = [i for i in range(begin, len(values)) if math.isnan(values[i])]
    if not bad:
        return None
    is_now_and_then = len(bad) < len(values) - begin
    first = bad[0]
    while not is_now_and_then and first and math.isnan(values[first - 1]):
        first -= 1  # it was so before that line
    return is_now_and_then, now - (len(values) - 1 - first)


def _by_iter(runner: RunnerLike) -> bool:
    loop = runner.train_loop
    return loop is not None and not isinstance(loop, dict) and not getattr(loop, "by_epoch", True)


def _write(runner: RunnerLike, line: str, tag: dict[str, Any], *, during: str = "") -> None:
    """Write a log line; what a progress bar shows on the terminal goes to the file alone."""
    bar = runner.progress_bar
    if bar is not None and during:
        bar.show(tag)
        runner.logger.info(line, extra={"on_bar": True})
    else:
        runner.logger.info(line)
