"""What an agent and the processes that it starts know of each other."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine_runner.cli.endpoint import Endpoint

__all__ = ["Launch", "code_for_agent", "join_agent"]

FOLDER: Final = "ENGINE_AGENT"  # names the folder in which an agent and its processes talk
IS_LATE: Final = "ENGINE_LATE"
_RESTARTS: Final = "TORCHELASTIC_RESTART_COUNT"
CODE: Final = "exit_code"
STOP: Final = "stop"


@dataclass(frozen=True, kw_only=True)
class Launch:
    """Processes to start.

    Attributes:
        nproc: how many on this machine.
        nodes: how many machines are needed, and how many there may be.
        endpoint: where they meet; None for a single machine.
        run_id: tells jobs at one endpoint from each other.
        node_rank: 0 on the machine of ``endpoint``; None to find out.
        timeout_s: how long machines wait for one another.
        max_restarts: how often all processes are started anew after one has failed.
    """

    nproc: int
    nodes: tuple[int, int] = (1, 1)
    endpoint: Endpoint | None = None
    run_id: str = "engine"
    node_rank: int | None = None
    timeout_s: float = 600.0
    max_restarts: int = 0


def join_agent() -> None:
    """Have the agent of `relaunch`, if there is one, know this process, to pass signals on to it.

    A process that is started anew goes on from the newest checkpoint; torch tells it so after a
    failure alone, and not after a machine came, or came back.

    Raises:
        SystemExit: the job was asked to stop before this process was there.
    """
    folder = os.environ.get(FOLDER)
    if folder is None:
        return
    own = Path(folder, f"rank_{os.environ.get('LOCAL_RANK', '0')}")
    if own.exists() or os.environ.get(IS_LATE) == "1":
        os.environ[_RESTARTS] = str(max(int(os.environ.get(_RESTARTS, "0")), 1))
    own.write_text(str(os.getpid()))
    stop = Path(folder, STOP)
    if stop.exists():
        raise SystemExit(code_for_agent(int(stop.read_text())))


def code_for_agent(code: int) -> int:
    """Return the exit code with which a process of `relaunch` leaves when it was stopped.

    Its agent starts again whatever fails, so it gets a zero, and `relaunch` the code in a file.
    """
    folder = os.environ.get(FOLDER)
    if folder is None:
        return code
    Path(folder, CODE).write_text(str(code))
    return 0
