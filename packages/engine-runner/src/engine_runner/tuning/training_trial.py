"""A few iterations of a config, in whatever process this is called."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from engine_config import Config
from engine_dist.accelerator import get_device, max_memory_mb
from engine_runner.hooks import Hook
from engine_runner.loops.failed_batch import is_out_of_memory
from engine_runner.protocols import RunnerLike
from engine_runner.runner import Runner
from engine_runner.tuning.trial_config import trial_config

__all__ = ["Enough", "try_batch_size"]


class Enough(BaseException):
    """Ends a training in the middle of an epoch; no hook takes it for an error."""


def try_batch_size(
    cfg: Config | Mapping[str, Any], folder: str, batch_size: int, *, num_iters: int
) -> dict[str, Any]:
    """Train a few iterations with a batch size.

    Returns:
        ``fits``, ``samples_per_s`` of the iterations after the first, ``peak_bytes`` and
        ``num_samples`` of a data set that has a length.

    Raises:
        Exception: whatever but a lack of memory ends it.
    """
    trial = trial_config(cfg, folder)
    trial.train_dataloader.batch_size, trial.log_level = batch_size, "CRITICAL"
    clock = _Clock(num_iters)
    try:
        runner = Runner.from_cfg(trial)
        runner.register_hook(clock, "LOWEST")
        with suppress(Enough):
            runner.train()
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return {"fits": False}
    seconds = clock.ends[-1] - clock.ends[0]
    found = {
        "fits": True,
        "samples_per_s": batch_size * (len(clock.ends) - 1) / seconds,
        "peak_bytes": (max_memory_mb(get_device()) or 0) * 2**20 or _host_peak_bytes(),
    }
    with suppress(TypeError):  # of a stream
        found["num_samples"] = len(runner.train_dataloader.dataset)
    return found


class _Clock(Hook):
    """Notes when each iteration was done, by the device too."""

    def __init__(self, num_iters: int) -> None:
        self._num_iters = num_iters
        self.ends: list[float] = []

    def after_train_iter(
        self, runner: RunnerLike, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        if torch.accelerator.is_available():
            torch.accelerator.synchronize()
        self.ends.append(time.perf_counter())
        if len(self.ends) >= self._num_iters:
            raise Enough


def _host_peak_bytes() -> int:
    """Return the most resident memory that this process has had; 0 where it isn't known."""
    status = Path("/proc/self/status")
    if status.is_file():  # not what a fork had before it started this program
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    if sys.platform == "win32":
        peak = 0
    else:
        import resource

        peak = int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak if sys.platform == "darwin" else peak * 1024
