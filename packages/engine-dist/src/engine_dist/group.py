"""Who is there: ranks, sizes and groups, the same in one process and in many."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from torch import distributed as dist
from torch.distributed import ProcessGroup

__all__ = [
    "get_backend",
    "get_default_group",
    "get_dist_info",
    "get_local_group",
    "get_local_rank",
    "get_local_size",
    "get_rank",
    "get_world_size",
    "group_ranks",
    "init_local_group",
    "is_distributed",
    "is_main_process",
    "master_only",
]

P = ParamSpec("P")
R = TypeVar("R")

_local_group: ProcessGroup | None = None


def is_distributed() -> bool:
    """Whether this process is in an initialised process group."""
    return dist.is_available() and dist.is_initialized()


def get_default_group() -> ProcessGroup | None:
    """The group of all processes; None where there is only this one."""
    return dist.group.WORLD if is_distributed() else None


def get_backend(group: ProcessGroup | None = None) -> str | None:
    """Name of the library that ``group`` talks through ("nccl", "gloo", ...), None if alone.

    Args:
        group: the default group if None, here as everywhere in this package.
    """
    return str(dist.get_backend(group)) if is_distributed() else None


def get_world_size(group: ProcessGroup | None = None) -> int:
    """Number of processes in ``group``: 1 if alone, -1 in a group without this process."""
    return dist.get_world_size(group) if is_distributed() else 1


def get_rank(group: ProcessGroup | None = None) -> int:
    """Index of this process in ``group``: 0 if alone, -1 in a group without this process."""
    return dist.get_rank(group) if is_distributed() else 0


def get_dist_info(group: ProcessGroup | None = None) -> tuple[int, int]:
    """(rank, world size) of this process in ``group``."""
    return get_rank(group), get_world_size(group)


def is_main_process(group: ProcessGroup | None = None) -> bool:
    """Whether this is the process of rank 0."""
    return get_rank(group) == 0


def master_only(func: Callable[P, R]) -> Callable[P, R | None]:
    """Make ``func`` run in the process of rank 0 only; elsewhere it returns None."""

    @functools.wraps(func)
    def on_main(*args: P.args, **kwargs: P.kwargs) -> R | None:
        return func(*args, **kwargs) if is_main_process() else None

    return on_main


def init_local_group(node_rank: int, num_gpus_per_node: int) -> None:
    """Make the group of the processes on this machine; every process calls it.

    Args:
        node_rank: index of this machine.
        num_gpus_per_node: number of processes on each machine.

    Raises:
        ValueError: ``node_rank`` is beyond the last machine.
    """
    global _local_group
    if not is_distributed():
        return
    world_size = get_world_size()
    starts = range(0, world_size, num_gpus_per_node)
    if not 0 <= node_rank < len(starts):
        raise ValueError(
            f"node_rank must lie in [0, {len(starts)}) for {world_size} processes, "
            f"{num_gpus_per_node} on a node: got {node_rank}"
        )
    for node, start in enumerate(starts):  # torch wants every process at every new group
        ranks = list(range(start, min(start + num_gpus_per_node, world_size)))
        group = dist.new_group(ranks)
        if node == node_rank:
            _local_group = group


def get_local_group() -> ProcessGroup | None:
    """The group of the processes on this machine; None where there is only this one.

    Raises:
        RuntimeError: there are several and `init_local_group` has not been called.
    """
    if not is_distributed():
        return None
    if _local_group is None:
        raise RuntimeError(
            "there is no group of the processes on this machine: call "
            "init_local_group(node_rank, num_gpus_per_node) in every process first"
        )
    return _local_group


def get_local_size() -> int:
    """Number of processes on this machine.

    Raises:
        RuntimeError: neither `init_local_group` nor the launcher has told.
    """
    return _local("LOCAL_WORLD_SIZE", get_world_size, alone=1)


def get_local_rank() -> int:
    """Index of this process among those on this machine.

    Raises:
        RuntimeError: neither `init_local_group` nor the launcher has told.
    """
    return _local("LOCAL_RANK", get_rank, alone=0)


def _local(variable: str, of: Callable[[ProcessGroup | None], int], *, alone: int) -> int:
    """Ask the local group, or else the launcher's ``variable``."""
    if not is_distributed():
        return alone
    if _local_group is None and variable in os.environ:
        return int(os.environ[variable])
    return of(get_local_group())


def group_ranks(group: ProcessGroup | None) -> list[int]:
    """Global ranks of the processes in ``group``."""
    return dist.get_process_group_ranks(group or dist.group.WORLD)
