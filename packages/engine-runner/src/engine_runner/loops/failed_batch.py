"""The batch on which a training failed: put down for replay, and read again."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import torch
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, DistributedSampler, SequentialSampler

from engine_checkpoint import read_file, save_checkpoint
from engine_dataset import DefaultSampler, InfiniteSampler
from engine_fileio import join_path
from engine_runner.loaders import num_batches
from engine_runner.loops.resume_position import is_endless
from engine_runner.protocols import RunnerLike
from engine_runner.randomness import rng_state, set_rng_state
from engine_structures import BaseDataElement

__all__ = ["indices_of", "is_out_of_memory", "replay_failed_batch", "save_failed_batch"]

logger = logging.getLogger(__name__)

# Their order is a function of seed and epoch.
_REPEATABLE: Final = (DefaultSampler, InfiniteSampler, SequentialSampler, DistributedSampler)
_MEMORY_ADVICE: Final = (
    "Memory ran out: take a smaller batch_size, with accumulative_counts in optim_wrapper to make "
    "up for it; half precision (optim_wrapper type AmpOptimWrapper); or activation checkpointing "
    "(turn_on_activation_checkpointing)"
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that a device's memory, or the host's, is used up."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and (
        "can't allocate memory" in text or "out of memory" in text
    )


def save_failed_batch(
    runner: RunnerLike,
    error: BaseException,
    *,
    batch: Any,
    iteration: int | None = None,
    rng_before: dict[str, Any] | None = None,
) -> None:
    """Write what is needed to replay a batch into the work_dir, and add where to the error.

    Args:
        runner: the runner.
        error: what happened.
        batch: the present batch, whose shapes are put down.
        iteration: on whose batch it happened first, from 1; by default on the present one.
        rng_before: the state of the random number generators before the step, if it was kept.
    """
    present = runner.state.iteration + 1
    found = present if iteration is None else iteration
    oom = is_out_of_memory(error)
    indices, source = indices_of(runner, found)
    content = {
        "reason": type(error).__name__,
        "message": str(error)[:2000],
        "iteration": found,
        "epoch": runner.state.epoch + 1,
        "rank": runner.rank,
        "noticed_in_iteration": present,
        "batch_in_epoch": runner.state.batch_in_epoch + 1 - (present - found),
        "indices": indices,
        "indices_from": source,
        "shapes": dict(_shapes(batch)) if found == present else None,
        "losses": getattr(error, "losses", {}),
        "rng_before": rng_before,
        "rng_after": rng_state(),
        "seed": runner.seed,
        "memory": _memory() if oom else None,
    }
    rank = f"_rank{runner.rank}" if runner.rank else ""
    address = join_path(runner.work_dir, f"failed_batch_iter_{found}{rank}.pth")
    advice = f"{_MEMORY_ADVICE}. " if oom else ""
    try:
        save_checkpoint(content, address)
    except OSError as problem:  # it would hide what happened
        logger.warning("the failed batch can't be written to %s: %s", address, problem)
        note = f"{advice}Its samples: {indices if indices is not None else source}"
    else:
        of = f"samples {indices}" if indices is not None else f"samples unknown: {source}"
        note = f"{advice}The batch of iteration {found} ({of}) is in {address}, for replay"
    error.add_note(note)
    runner.logger.error(note)


def indices_of(runner: RunnerLike, iteration: int) -> tuple[list[int] | None, str]:
    """Return which samples an iteration, from 1, trained on, and how that is known.

    They are drawn once more from the sampler, where its order is a function of seed and epoch;
    None otherwise.
    """
    loader: Any = runner.train_dataloader
    if not isinstance(loader, DataLoader):
        return None, f"a {type(loader).__name__} doesn't say what it reads"
    sampler: Any = getattr(loader.batch_sampler, "sampler", loader.sampler)
    if not isinstance(sampler, _REPEATABLE) or loader.batch_sampler is None:
        return None, f"the order of {type(sampler).__name__} can't be drawn once more"
    epoch, position = _place(runner, iteration, loader)
    now = getattr(sampler, "epoch", None)
    tell: Any = getattr(sampler, "set_epoch", None)
    try:
        if now is not None and epoch is not None:
            tell(epoch)
        drawn = next(islice(iter(loader.batch_sampler), position, None), None)
    finally:
        if now is not None:
            tell(now)
    kind = type(loader.batch_sampler)
    through = "" if kind is BatchSampler else f" through {kind.__name__}, if that repeats itself"
    source = f"drawn once more from {type(sampler).__name__}{through}"
    return (None, "the sampler ended before") if drawn is None else ([*map(int, drawn)], source)


def _place(runner: RunnerLike, iteration: int, loader: Any) -> tuple[int | None, int]:
    """Epoch of the sampler, None for the present one, and place in it, of an iteration."""
    length = num_batches(loader) or 1
    if not getattr(runner.train_loop, "by_epoch", True):
        return (0, iteration - 1) if is_endless(loader) else divmod(iteration - 1, length)
    state = runner.state
    place = state.batch_in_epoch - (state.iteration - (iteration - 1))
    if place >= 0:
        return None, place
    back, place = divmod(place, length)
    return state.epoch + back, place


def replay_failed_batch(filename: str, dataloader: Any) -> Any:
    """Return the batch that `save_failed_batch` put down: its samples, read and collated again.

    What augmentations draw is as it was only if the loader reads in its own process
    (``num_workers=0``) and ``detect_anomaly`` was on, which keeps the random state.

    Args:
        filename: its address.
        dataloader: the training's loader; ``runner.train_dataloader``.

    Raises:
        ValueError: the samples aren't known.
    """
    content = read_file(filename)
    if content["indices"] is None:
        raise ValueError(
            f"{filename} can't be replayed: {content['indices_from']}. A DefaultSampler or "
            "InfiniteSampler can be drawn from once more"
        )
    if content["rng_before"] is not None:
        set_rng_state(content["rng_before"])
    return dataloader.collate_fn([dataloader.dataset[index] for index in content["indices"]])


def _shapes(data: Any, at: str = "batch") -> Iterator[tuple[str, str]]:
    """Where in a batch a tensor is, and its shape, type and device."""
    if isinstance(data, Tensor):
        yield at, f"{tuple(data.shape)} {str(data.dtype).removeprefix('torch.')} {data.device}"
    elif isinstance(data, Mapping | BaseDataElement):
        for key, value in data.items():
            yield from _shapes(value, f"{at}.{key}")
    elif isinstance(data, list | tuple):
        for index, value in enumerate(data):
            yield from _shapes(value, f"{at}[{index}]")


def _memory() -> str | None:
    cuda: Any = torch.cuda
    return str(cuda.memory_summary()) if cuda.is_available() and cuda.is_initialized() else None
