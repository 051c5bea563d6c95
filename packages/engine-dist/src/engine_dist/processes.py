"""Joining the processes that a launcher started."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from datetime import timedelta
from typing import Any

from torch import distributed as dist

from engine_dist.collective_watch import start_watch
from engine_dist.device import accelerator_backend, set_device
from engine_dist.environment import Place, read_place
from engine_dist.errors import LauncherError

__all__ = ["free_port", "init_dist"]

INIT_BACKENDS = ("torch", "deepspeed", "colossalai")
REPORT_AFTER_S = 60.0
# In larger groups gloo connects two processes when they first talk: otherwise each connects with
# all others at once, and for each group anew, with as many open files as there are processes.
_ALL_CONNECTED = 256


def init_dist(
    launcher: str, backend: str = "nccl", init_backend: str = "torch", **kwargs: Any
) -> None:
    """Join the processes that ``launcher`` started into the default group.

    The current accelerator becomes the one of this process's local rank, and the variables that
    torchrun sets (RANK, WORLD_SIZE, ...) are set for libraries that read them.

    Args:
        launcher: "pytorch" (torchrun), "slurm" (srun) or "mpi" (mpirun).
        backend: what to talk through. One of an accelerator ("nccl", "hccl", "cncl", "mccl",
            "xccl") stands for that of the accelerator that is here, and for "gloo" on a CPU.
        init_backend: "torch", "deepspeed" or "colossalai": engines that find the default group
            made and use it.
        **kwargs: ``timeout``, seconds or a timedelta, after which a collective fails (torch's
            default if not given); ``report_after``, seconds after which one that waits logs for
            whom (60); ``port``, where all processes meet; others go to
            ``torch.distributed.init_process_group``.

    Raises:
        ValueError: an argument is not one of these.
        LauncherError: the environment does not say which process this is, or the back-end is
            not in this build of torch.
    """
    if init_backend not in INIT_BACKENDS:
        raise ValueError(f"init_backend must be one of {INIT_BACKENDS}: got {init_backend!r}")
    report_after = float(kwargs.pop("report_after", REPORT_AFTER_S))
    place = read_place(launcher, os.environ, kwargs.pop("port", None))
    chosen = accelerator_backend(backend)
    if chosen == "mpi" and not dist.is_mpi_available():
        raise LauncherError("this build of torch has no MPI back-end; use backend='gloo' or 'nccl'")
    timeout = kwargs.get("timeout")
    if timeout is not None and not isinstance(timeout, timedelta):
        kwargs["timeout"] = timedelta(seconds=timeout)
    os.environ.update(place.environment())
    if place.world_size > _ALL_CONNECTED:
        os.environ.setdefault("TORCH_GLOO_LAZY_INIT", "1")
    set_device(place.local_rank)
    _join(place, chosen, kwargs)
    start_watch(report_after)


def _join(place: Place, backend: str, options: dict[str, Any]) -> None:
    try:
        dist.init_process_group(backend, **options)
    except (dist.DistStoreError, dist.DistNetworkError) as error:
        raise LauncherError(
            f"rank {place.rank} of {place.world_size} could not meet the others at "
            f"{place.host}:{place.port}: {error}"
        ) from error


def free_port(host: str = "127.0.0.1") -> int:
    """Return a TCP port of ``host`` that nobody listens on now."""
    with closing(socket.socket()) as listener:
        listener.bind((host, 0))
        port: int = listener.getsockname()[1]
        return port
