"""What one rank does for all, and what fails on all if it fails there."""

from __future__ import annotations

from collections.abc import Callable

from engine_dist import broadcast_object_list, is_main_process
from engine_runner.checkpoint.errors import CheckpointError

__all__ = ["on_main_rank"]


def on_main_rank(act: Callable[[], None]) -> None:
    """Let the main rank act; every rank returns when it has, and fails if it has failed.

    Raises:
        OSError: the main rank's was one.
        CheckpointError: on the other ranks, for whatever else the main rank has failed with.
    """
    failure: Exception | None = None
    if is_main_process():
        try:
            act()
        except Exception as error:  # raised below, when the other ranks know
            failure = error
    told = [failure and (isinstance(failure, OSError), getattr(failure, "errno", 0), str(failure))]
    broadcast_object_list(told)
    if failure is not None:
        raise failure
    if told[0]:
        is_os_error, number, text = told[0]
        raise OSError(number or 0, text) if is_os_error else CheckpointError(text)
