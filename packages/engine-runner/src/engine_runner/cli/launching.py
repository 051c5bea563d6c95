"""The same command again, in several processes of this machine."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from torch.distributed import run as torchrun
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig

from engine_runner.cli.failures import INTERRUPTED
from engine_runner.hooks.doctor import STOOD_STILL
from engine_runner.hooks.preemption import JOB_START, TRY_AGAIN

__all__ = ["code_for_agent", "relaunch"]

_NAMES = ("--nproc", "--max-restarts")
_EXIT_CODE = "ENGINE_EXIT_CODE"  # names the file for the code of a training that was stopped
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
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "exit_code")
        os.environ[_EXIT_CODE] = str(file)
        code = _run([*head, *command])
        return int(file.read_text()) if not code and file.exists() else code


def code_for_agent(code: int) -> int:
    """Return the exit code with which a process of `relaunch` leaves when it was stopped.

    Its agent starts again whatever fails, so it gets a zero, and `relaunch` the code in a file.
    """
    file = os.environ.get(_EXIT_CODE)
    if file is None:
        return code
    Path(file).write_text(str(code))
    return 0


def _run(arguments: list[str]) -> int:
    """Let torchrun's agent run, and return the exit code."""
    agent: Any = torchrun  # torch declares no types here
    try:
        agent.run(agent.parse_args(arguments))
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
