"""Which processes share the data: all of them, unless some work on the same samples together."""

from __future__ import annotations

from torch.distributed import ProcessGroup

from engine_dist.group import get_dist_info, is_distributed

__all__ = ["get_data_group", "get_data_info", "set_data_group"]

_data_group: ProcessGroup | None = None


def set_data_group(group: ProcessGroup | None) -> None:
    """Say which processes deal the samples among themselves.

    Where a layer is spread over several processes (tensor parallelism), these need the same
    samples: the first of each such team are a group that deals samples, the second ones too, and
    so on. Samplers and metrics go by it.

    Args:
        group: the one that this process is in; None for all processes.
    """
    global _data_group
    _data_group = group


def get_data_group() -> ProcessGroup | None:
    """The group that deals the samples, with this process in it; None for all processes."""
    return _data_group if is_distributed() else None


def get_data_info() -> tuple[int, int]:
    """(rank, world size) of this process among those that deal the samples."""
    return get_dist_info(get_data_group())
