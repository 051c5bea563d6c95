"""What ranks do for each other, and what fails on all if it fails on one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from engine_checkpoint.errors import CheckpointError
from engine_dist import broadcast_object_list, is_main_process
from engine_dist.objects import first_of

__all__ = ["on_every_rank", "on_main_rank"]

T = TypeVar("T")


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


def on_every_rank(act: Callable[[], T]) -> T:
    """Let every rank act, each on what is its own; all of them fail if one has failed.

    Raises:
        Exception: a rank's own failure.
        CheckpointError: on the ranks that haven't failed.
    """
    failure: Exception | None = None
    try:
        found = act()
    except Exception as error:  # raised below, when the other ranks know
        failure = error
    failed = first_of(None if failure is None else str(failure))
    if failure is not None:
        raise failure
    if failed is not None:
        raise CheckpointError("rank {}: {}".format(*failed))
    return found
