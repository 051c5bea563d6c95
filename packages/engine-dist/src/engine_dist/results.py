"""collect_results: what every process found, in the order of the data set, in the main one."""

from __future__ import annotations

import itertools
import pickle
from pathlib import Path
from typing import Any

from engine_dist.collectives import barrier
from engine_dist.data_group import get_data_group
from engine_dist.group import get_rank, get_world_size, group_ranks, is_main_process
from engine_dist.objects import gather_object

__all__ = ["collect_results", "collect_results_cpu", "collect_results_gpu"]

_DEVICES = ("cpu", "gpu", "cuda", "npu", "mlu", "musa", "xpu", "mps")
_ABSENT = object()


class UnknownDeviceError(ValueError, NotImplementedError):
    """No accelerator is called so; MMEngine's is a NotImplementedError."""


def collect_results(
    results: list[Any],
    size: int,
    device: str = "cpu",
    tmpdir: str | None = None,
    *,
    timeout: float | None = None,
) -> list[Any] | None:
    """Return the results of all processes in the main one, elsewhere None.

    A sampler deals samples to processes in turn, and repeats some at the end so that each gets
    as many. Here they are put back in turn, and what goes beyond ``size`` is cut off. Arrays
    and tensors are sent as raw buffers over the process group, and on its device. Of processes that
    work on the same samples (`set_data_group`) one counts.

    Args:
        results: those of this process, in the order of its samples.
        size: number of samples in the data set.
        device: "cpu", or "gpu" and the names of accelerators. MMEngine sends by another way for
            each; here it is one.
        tmpdir: with "cpu", a folder that all processes share: results go through files in it.
        timeout: seconds, for each message.

    Raises:
        UnknownDeviceError: there is no such ``device``.
        ValueError: ``tmpdir`` is given with another than "cpu".
        CollectiveError: a process did not take part.
    """
    if device not in _DEVICES:
        raise UnknownDeviceError(f"device must be one of {_DEVICES}: got {device!r}")
    if tmpdir is not None and device != "cpu":
        raise ValueError(f"tmpdir goes with device='cpu': got device={device!r}, tmpdir={tmpdir!r}")
    if get_world_size() == 1:
        return results[:size]
    group = get_data_group()
    if tmpdir is None:
        if 0 not in group_ranks(group):
            return None
        parts = gather_object(results, group=group, timeout=timeout)
    else:
        parts = _through_files(results, Path(tmpdir), timeout)
    return None if parts is None else _in_turn(parts)[:size]


def collect_results_cpu(
    result_part: list[Any], size: int, tmpdir: str | None = None
) -> list[Any] | None:
    """Return `collect_results` with ``device="cpu"``."""
    return collect_results(result_part, size, "cpu", tmpdir)


def collect_results_gpu(result_part: list[Any], size: int) -> list[Any] | None:
    """Return `collect_results` with ``device="gpu"``."""
    return collect_results(result_part, size, "gpu")


def _in_turn(parts: list[list[Any]]) -> list[Any]:
    """One of each part after the other, until all are used up."""
    rounds = itertools.zip_longest(*parts, fillvalue=_ABSENT)
    return [result for one in rounds for result in one if result is not _ABSENT]


def _through_files(
    results: list[Any], folder: Path, timeout: float | None
) -> list[list[Any]] | None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"part_{get_rank()}.pkl").open("wb") as file:
        pickle.dump(results, file, protocol=5)
    barrier(timeout=timeout)
    parts = None
    if is_main_process():
        parts = []
        for rank in group_ranks(get_data_group()):
            path = folder / f"part_{rank}.pkl"
            with path.open("rb") as file:
                parts.append(pickle.load(file))
        for path in folder.glob("part_*.pkl"):
            path.unlink()
    return parts
