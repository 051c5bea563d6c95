"""Processes of this machine, under torchrun's elastic agent."""

from __future__ import annotations

import os
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_all_start_methods, set_forkserver_preload
from typing import Any, TypeVar

from torch import distributed as dist
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import record
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from engine_dist.collective_watch import stop_watch
from engine_dist.processes import init_dist

__all__ = ["run"]

T = TypeVar("T")

# A server of forks has the environment that was there when it began; the agent sets more.
_ON_IMPORT = dict(os.environ)


def run(
    fn: Callable[..., T],
    nproc: int,
    args: tuple[object, ...],
    *,
    start_method: str,
    max_restarts: int,
    options: dict[str, Any],
) -> list[T]:
    """Do what `engine_dist.launch` says; ``options`` are those of `init_dist`."""
    if start_method == "forkserver" and start_method not in get_all_start_methods():
        start_method = "spawn"
    if start_method == "forkserver":
        set_forkserver_preload([__name__, fn.__module__])
    # In the store that torch shares between attempts, a second one meets the first one's dead.
    os.environ.setdefault("TORCH_DISABLE_SHARE_RDZV_TCP_STORE", "1")
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=nproc,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        start_method=start_method,
        max_restarts=max_restarts,
        run_id=uuid.uuid4().hex,
        monitor_interval=0.1,
    )
    try:
        with _handlers_kept():
            results = elastic_launch(config, _in_group)((fn, args), options, dict(os.environ))
    except SignalException as error:  # the agent has ended the processes
        if error.sigval == signal.SIGINT:
            raise KeyboardInterrupt from error
        raise
    return [results[rank] for rank in range(nproc)]


@contextmanager
def _handlers_kept() -> Iterator[None]:
    """The agent answers signals by ending its processes, and goes on answering when it is done."""
    names = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
    before = {
        number: signal.getsignal(number)
        for number in (getattr(signal, name, None) for name in names)
        if number is not None
    }
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in before.items():
                if handler is not None:  # one that Python has not set can't be set by it
                    signal.signal(number, handler)


@record  # hands an error's traceback to the agent
def _in_group(
    called: tuple[Callable[..., T], tuple[object, ...]],
    options: dict[str, Any],
    environment: dict[str, str],
) -> T:
    """What each launched process runs; ``environment`` is that of the process which launches."""
    by_agent = {key for key, value in os.environ.items() if _ON_IMPORT.get(key) != value}
    for key in (_ON_IMPORT.keys() | environment.keys()) - by_agent:
        if key in environment:
            os.environ[key] = environment[key]
        else:
            del os.environ[key]
    init_dist("pytorch", **options)
    fn, args = called
    try:
        return fn(*args)
    finally:
        stop_watch()
        dist.destroy_process_group()
