"""Where a run works, when it began, and what it is called."""

from __future__ import annotations

import os
import time
import weakref
from pathlib import Path
from typing import Any

from engine_dist import broadcast_object_list
from engine_fileio.address import hide_secrets
from engine_logging import MessageHub, MMLogger
from engine_logging.formats import hide_secrets_with
from engine_visual import Visualizer

__all__ = ["agreed_time", "check_writable", "forget_dead", "free_name", "full_path", "log_folder"]

hide_secrets_with(hide_secrets)  # the log tells of an address what errors tell

# The runners of this process, and the names of their loggers, hubs and visualizers.
_runners: list[tuple[weakref.ref[Any], str]] = []


def full_path(work_dir: str | os.PathLike[str]) -> str:
    """Return the whole path of a local folder; an address of another place as it is."""
    found = os.fspath(work_dir)
    return found if "://" in found else str(Path(found).expanduser().absolute())


def check_writable(work_dir: str) -> None:
    """Make the folder of a run; an address of another place is taken as it is.

    Raises:
        OSError: it can't be made or written.
    """
    if "://" in work_dir:
        return
    try:
        Path(work_dir).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise type(error)(
            error.errno, f"the work_dir can't be made: {error.strerror}", work_dir
        ) from error
    if not os.access(work_dir, os.W_OK):
        raise PermissionError(13, "the work_dir can't be written", work_dir)


def log_folder(work_dir: str, timestamp: str) -> str:
    """Return the local folder of a run's logs: in its work_dir, or below ``work_dirs`` here.

    Logs are written line by line, which a remote store can't.
    """
    if "://" in work_dir:
        return str(Path("work_dirs", Path(work_dir).name, timestamp).absolute())
    return str(Path(work_dir) / timestamp)


def agreed_time() -> str:
    """Return the main process's time, on all ranks, as YYYYmmdd_HHMMSS."""
    found = [time.strftime("%Y%m%d_%H%M%S", time.localtime())]
    broadcast_object_list(found)
    return found[0]


def forget_dead(runner: Any, name: str) -> None:
    """Let go of what is global by the names of runners that are gone, and remember this one's."""
    for known, former in [*_runners]:
        if known() is None:
            _runners.remove((known, former))
            for kind in (MMLogger, MessageHub, Visualizer):
                found: Any = kind._instance_dict.pop(former, None)
                if isinstance(found, MMLogger):
                    found.close()
    _runners.append((weakref.ref(runner), name))


def free_name(name: str | None, timestamp: str) -> str:
    """Return a name that no run of this process has: two may begin in one second."""
    wanted_name = f"{name}_{timestamp}" if name else timestamp
    found, number = wanted_name, 1
    while MessageHub.check_instance_created(found):
        found, number = f"{wanted_name}_{number}", number + 1
    return found
