"""Batch-size search: the largest that trains in the memory there is, and how fast each one is."""

from __future__ import annotations

import multiprocessing
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from engine_config import Config
from engine_runner.runner.scratch import scratch_folder

__all__ = ["BatchSizeTrial", "find_batch_size"]


@dataclass(frozen=True, kw_only=True)
class BatchSizeTrial:
    """What a few iterations with one batch size came to.

    Attributes:
        batch_size: samples of a batch.
        fits: whether they stayed within the memory.
        samples_per_s: of the iterations after the first; 0 where it doesn't fit.
        peak_bytes: the most memory at any time: the accelerator's, or else the process's.
    """

    batch_size: int
    fits: bool
    samples_per_s: float = 0.0
    peak_bytes: int = 0


def find_batch_size(
    cfg: Config | Mapping[str, Any],
    *,
    smallest: int = 1,
    largest: int = 65536,
    num_iters: int = 5,
    memory_limit_bytes: int | None = None,
    on_trial: Callable[[BatchSizeTrial], None] | None = None,
) -> list[BatchSizeTrial]:
    """Try batch sizes, doubled until one doesn't fit and then halved between, each in a process.

    A process of its own gives all memory back, and what an allocator's error leaves ends with it.
    It is spawned: a script that calls this does so under ``if __name__ == "__main__"``.

    Args:
        cfg: the config of a training, with ``train_dataloader.batch_size``.
        smallest: where to begin.
        largest: no size above is tried, nor one of more samples than the data set has.
        num_iters: iterations of each trial; the first one isn't timed.
        memory_limit_bytes: what the process may take; without it, an accelerator's own memory.
        on_trial: called with each trial.

    Returns:
        the trials, by batch size.

    Raises:
        ValueError: neither an accelerator nor a limit is there, or the config has no batch size.
        RuntimeError: a trial failed by something else than memory; the message has its end.
    """
    _check(cfg, smallest, largest, num_iters=num_iters, limit=memory_limit_bytes)
    trials: dict[int, BatchSizeTrial] = {}

    def fits(size: int) -> bool:
        nonlocal largest
        with scratch_folder() as folder:
            found = _in_process(cfg, folder, size, num_iters=num_iters, limit=memory_limit_bytes)
        largest = min(largest, found.pop("num_samples", largest))
        if memory_limit_bytes is not None and found.get("peak_bytes", 0) > memory_limit_bytes:
            found = {"fits": False}
        trials[size] = BatchSizeTrial(batch_size=size, **found)
        if on_trial is not None:
            on_trial(trials[size])
        return trials[size].fits

    low, high = 0, smallest
    while low < largest and fits(high):
        low, high = high, min(2 * high, max(largest, high))
    while low and high - low > max(1, low // 16):  # to some six percent
        middle = (low + high) // 2
        if fits(middle):
            low = middle
        else:
            high = middle
    return [trials[size] for size in sorted(trials)]


def _check(cfg: Any, smallest: int, largest: int, *, num_iters: int, limit: int | None) -> None:
    import torch

    if limit is None and not torch.accelerator.is_available():
        raise ValueError("without an accelerator, give the memory that a training may take")
    if not 0 < smallest <= largest:
        raise ValueError(f"batch sizes go from smallest to largest: {smallest} and {largest}")
    if num_iters < 2:
        raise ValueError(f"num_iters must be at least 2, got {num_iters}")
    if (cfg.get("train_dataloader") or {}).get("batch_size") is None:
        raise ValueError("the config has no train_dataloader.batch_size to change")


def _in_process(
    cfg: Any, folder: str, batch_size: int, *, num_iters: int, limit: int | None
) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    path = Path(folder) / "config.py"
    (cfg if isinstance(cfg, Config) else Config(dict(cfg))).dump(path)
    process = context.Process(
        target=_trial,
        args=(sender, path),
        kwargs={"batch_size": batch_size, "num_iters": num_iters, "limit": limit},
    )
    process.start()
    sender.close()
    try:
        found: dict[str, Any] = receiver.recv()
    except EOFError:  # it was killed: so the system takes memory back
        found = {"fits": False}
    finally:
        process.join()
    if "error" in found:
        raise RuntimeError(f"a training with batches of {batch_size} fails: {found['error']}")
    return found


def _trial(
    sender: Connection, path: Path, *, batch_size: int, num_iters: int, limit: int | None
) -> None:
    """What the process does."""
    multiprocessing.set_start_method(None, force=True)  # of data workers: as in any training
    if limit is not None:
        _limit_memory(limit)
    try:
        from engine_runner.tuning.training_trial import try_batch_size

        cfg = Config.fromfile(path)  # imports what it lists, as the caller's process has done
        found = try_batch_size(cfg, str(path.parent), batch_size, num_iters=num_iters)
    except Exception as error:
        last = "".join(traceback.format_exception_only(error)).strip()
        found = {"error": last}
    sender.send(found)


def _limit_memory(limit: int) -> None:
    """Let an allocation above the limit fail, where the system can; else the peak tells after."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
