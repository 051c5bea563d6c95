"""The same command again, in several processes of this machine."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from torch.distributed import run as torchrun
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from engine_runner.cli.failures import INTERRUPTED

__all__ = ["relaunch"]

_NAME = "--nproc"


def relaunch(num_processes: int) -> int:
    """Run this command in so many processes, under torchrun's agent, and return its exit code.

    Args:
        num_processes: one for each device, or for each share of the CPU.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as torchrun does, with a page about it
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    command = [*_without_option(sys.argv[1:]), "--launcher", "pytorch"]
    head = [f"--nproc-per-node={num_processes}", "--standalone", "-m", "engine_runner"]
    agent: Any = torchrun  # torch declares no types here
    try:
        agent.run(agent.parse_args([*head, *command]))
    except ChildFailedError as error:  # the process has said why
        codes = {failure.exitcode for failure in error.failures.values()}
        return next(iter(codes)) if len(codes) == 1 and min(codes) > 0 else 1
    except SignalException as error:
        return INTERRUPTED if error.sigval == signal.SIGINT else 128 + error.sigval
    return 0


def _without_option(arguments: Sequence[str]) -> list[str]:
    found, skips = [], False
    for argument in arguments:
        if skips:
            skips = False
        elif argument == _NAME:
            skips = True
        elif not argument.startswith(f"{_NAME}="):
            found.append(argument)
    return found
