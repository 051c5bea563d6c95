"""The same command again, in several processes of this machine, and of others."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from types import FrameType
from typing import Any, Final

import click
from torch.distributed import DistError
from torch.distributed import run as torchrun
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.elastic.rendezvous import RendezvousError
from torch.distributed.launcher.api import LaunchConfig

from engine_dist import LauncherError
from engine_runner.cli.agent import CODE, FOLDER, IS_LATE, STOP, Launch
from engine_runner.cli.rendezvous import Meeting, meet
from engine_runner.hooks.exit_codes import INTERRUPTED, JOB_START, STOOD_STILL, TRY_AGAIN

__all__ = ["relaunch"]

_PASSED_ON: Final = ("SIGTERM", "SIGINT", "SIGUSR1")
_FOR_TORCH: Final = "SIGHUP,SIGQUIT"


def relaunch(launch: Launch, own_options: Sequence[str]) -> int:
    """Run this command in these processes, under torchrun's agent, and return its exit code.

    Args:
        launch: how many, and where.
        own_options: names of the options that are for this process alone; each has a value.

    Raises:
        LauncherError: the machines don't meet, or one of them is lost.
    """
    # In the store that torch shares between attempts, a second one meets the first one's dead.
    os.environ.setdefault("TORCH_DISABLE_SHARE_RDZV_TCP_STORE", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as torchrun does, with a page about it
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    command = ["-m", "engine_runner", *_without(own_options), "--launcher", "pytorch"]
    head = [f"--nproc-per-node={launch.nproc}", f"--max-restarts={launch.max_restarts}"]
    known = {field.name for field in fields(LaunchConfig)}
    if "signals_to_handle" in known:  # newer torch; of an older one the agent takes them all
        head.append(f"--signals-to-handle={_FOR_TORCH}")
    if launch.endpoint is None:
        os.environ.setdefault(JOB_START[0], str(time.time()))
        return _run([*head, "--standalone", *command])
    with meet(
        launch.endpoint,
        launch.run_id,
        nodes=launch.nodes,
        node_rank=launch.node_rank,
        timeout_s=launch.timeout_s,
    ) as meeting:
        os.environ[JOB_START[0]] = repr(meeting.job_start)
        os.environ[IS_LATE] = str(int(meeting.is_late))
        try:
            code = _run([*head, *_meeting_options(launch, meeting), *command])
        except (RendezvousError, DistError) as error:
            raise LauncherError(
                f"the machines that met at {launch.endpoint} have lost one another, or one has "
                f"not come back in time: {str(error.__cause__ or error).splitlines()[0]}"
            ) from error
    if code not in (0, TRY_AGAIN, INTERRUPTED):
        click.echo(
            f"error: the processes of this machine ended with {code}; if the last words above are "
            "of a lost connection, the reason is in what another machine says",
            err=True,
        )
    return code


def _meeting_options(launch: Launch, meeting: Meeting) -> list[str]:
    """What torchrun is told about the machines."""
    low, high = launch.nodes
    timeout = max(int(launch.timeout_s), 1)
    return [
        f"--nnodes={low}:{high}",
        "--rdzv-backend=c10d",
        f"--rdzv-endpoint={launch.endpoint}",
        f"--rdzv-id={launch.run_id}",
        f"--rdzv-conf=is_host={int(meeting.is_host)},join_timeout={timeout}",
        f"--local-addr={meeting.address}",
    ]


def _run(arguments: list[str]) -> int:
    """Let torchrun's agent run, and return the exit code."""
    agent: Any = torchrun  # torch declares no types here
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ[FOLDER] = name
        try:
            with _passing_on(folder):
                agent.run(agent.parse_args(arguments))
        except ChildFailedError as error:  # the process has said why
            stop = folder / STOP
            return int(stop.read_text()) if stop.exists() else _code_of(error)
        except SignalException as error:  # the processes have saved what they could
            return _code_after(error.sigval)
        file = folder / CODE
        return int(file.read_text()) if file.exists() else 0


def _code_of(error: ChildFailedError) -> int:
    codes = {failure.exitcode for failure in error.failures.values()}
    for code in (TRY_AGAIN, INTERRUPTED, STOOD_STILL):
        if code in codes:  # the agent may have ended a slower one by a signal
            return code
    return next(iter(codes)) if len(codes) == 1 and min(codes) > 0 else 1


def _code_after(number: int) -> int:
    return INTERRUPTED if number == signal.SIGINT else TRY_AGAIN


@contextlib.contextmanager
def _passing_on(folder: Path) -> Iterator[None]:
    """Pass signals on to the processes, and let them leave by themselves.

    torch's agent would kill them after half a minute, in the midst of a large checkpoint, and not
    tell the agents of other machines, which then wait for it.
    """

    def tell(number: int, frame: FrameType | None) -> None:
        (folder / STOP).write_text(str(_code_after(number)))
        told = 0
        for file in folder.glob("rank_*"):
            with contextlib.suppress(ValueError, ProcessLookupError):
                process = int(file.read_text())
                if sys.platform != "win32":  # there, the console tells each of its processes
                    os.kill(process, number)
                told += 1
        if not told:  # they wait for other machines, or have not come so far
            raise SignalException(f"stopped by signal {number}", signal.Signals(number))

    numbers = [getattr(signal, name) for name in _PASSED_ON if hasattr(signal, name)]
    before = {number: signal.signal(number, tell) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _without(options: Sequence[str]) -> list[str]:
    """This command's arguments but for ``options`` and their values."""
    found, skips = [], False
    for argument in sys.argv[1:]:
        if skips:
            skips = False
        elif argument in options:
            skips = True
        elif not argument.startswith(tuple(f"{name}=" for name in options)):
            found.append(argument)
    return found
