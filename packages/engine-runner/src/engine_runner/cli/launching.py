"""The same command again, in several processes of this machine."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from torch.distributed import run as torchrun
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig

from engine_runner.cli.failures import INTERRUPTED
from engine_runner.hooks.doctor import STOOD_STILL
from engine_runner.hooks.preemption import JOB_START, TRY_AGAIN

__all__ = ["relaunch"]

_NAMES = ("--nproc", "--max-restarts")
_PASSED_ON = "SIGTERM,SIGINT,SIGHUP,SIGQUIT,SIGUSR1"


def relaunch(num_processes: int, max_restarts: int = 0) -> int:
    """Run this command in so many processes, under torchrun's agent, and return its exit code.

    Args:
        num_processes: one for each device, or for each share of the CPU.
        max_restarts: how often all of them are started anew after one has failed.
    """
    os.environ.setdefault(JOB_START[0], str(time.time()))
    # In the store that torch shares between attempts, a second one meets the first one's dead.
    os.environ.setdefault("TORCH_DISABLE_SHARE_RDZV_TCP_STORE", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as torchrun does, with a page about it
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    command = [*_without_options(sys.argv[1:]), "--launcher", "pytorch"]
    head = [f"--nproc-per-node={num_processes}", "--standalone", f"--max-restarts={max_restarts}"]
    if "signals_to_handle" in {field.name for field in fields(LaunchConfig)}:  # newer torch
        head.append(f"--signals-to-handle={_PASSED_ON}")
    head += ["-m", "engine_runner"]
    agent: Any = torchrun  # torch declares no types here
    try:
        agent.run(agent.parse_args([*head, *command]))
    except ChildFailedError as error:  # the process has said why
        codes = {failure.exitcode for failure in error.failures.values()}
        for code in (TRY_AGAIN, INTERRUPTED, STOOD_STILL):
            if code in codes:  # the agent may have ended a slower one by a signal
                return code
        return next(iter(codes)) if len(codes) == 1 and min(codes) > 0 else 1
    except SignalException as error:  # the processes have saved what they could
        return INTERRUPTED if error.sigval == signal.SIGINT else TRY_AGAIN
    return 0


def _without_options(arguments: Sequence[str]) -> list[str]:
    found, skips = [], False
    for argument in arguments:
        if skips:
            skips = False
        elif argument in _NAMES:
            skips = True
        elif not argument.startswith(tuple(f"{name}=" for name in _NAMES)):
            found.append(argument)
    return found
