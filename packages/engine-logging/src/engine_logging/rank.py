"""Which process of a distributed run this is: from the environment, or from who knows better."""

from __future__ import annotations

import os
from collections.abc import Callable

_RANK_VARIABLES = ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")
_SIZE_VARIABLES = ("WORLD_SIZE", "SLURM_NTASKS", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE")
_LOCAL_VARIABLES = ("LOCAL_RANK", "SLURM_LOCALID", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID")

_told: dict[str, Callable[[], int]] = {}


def use_ranks(
    rank: Callable[[], int] | None = None,
    world_size: Callable[[], int] | None = None,
    local_rank: Callable[[], int] | None = None,
) -> None:
    """Ask these functions from now on; for those that are None, the environment.

    `engine_dist.get_rank`, `get_world_size` and `get_local_rank` fit.
    """
    _told.clear()
    for name, function in (("rank", rank), ("size", world_size), ("local", local_rank)):
        if function is not None:
            _told[name] = function


def current_rank() -> int:
    """Rank of this process among all; 0 if it is alone."""
    return _told["rank"]() if "rank" in _told else _from_environment(_RANK_VARIABLES, 0)


def current_world_size() -> int:
    """How many processes there are."""
    return _told["size"]() if "size" in _told else _from_environment(_SIZE_VARIABLES, 1)


def current_local_rank() -> int:
    """Rank of this process among those of its machine."""
    return _told["local"]() if "local" in _told else _from_environment(_LOCAL_VARIABLES, 0)


def _from_environment(variables: tuple[str, ...], default: int) -> int:
    """The first of ``variables`` that holds a number."""
    for variable in variables:
        text = os.environ.get(variable, "")
        if text.isdecimal():
            return int(text)
    return default
