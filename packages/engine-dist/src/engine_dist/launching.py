"""Processes of this machine that join in a group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

__all__ = ["launch"]

T = TypeVar("T")


def launch(
    fn: Callable[..., T],
    nproc: int,
    args: Sequence[object] = (),
    *,
    backend: str = "nccl",
    start_method: str = "spawn",
    max_restarts: int = 0,
    **options: Any,
) -> list[T]:
    """Call ``fn(*args)`` in ``nproc`` new processes of this machine, joined in a group.

    torchrun's elastic agent starts and watches them, on a free port. When one fails, the others
    are ended and its error is shown.

    Args:
        fn: a function that can be pickled (unless ``start_method`` is "fork").
        nproc: how many processes.
        args: its arguments.
        backend: as in `init_dist`.
        start_method: "spawn", "fork" or "forkserver". In a notebook "fork" also takes functions
            that were defined there. "forkserver" is "spawn" by a process that has imported torch
            once and for all, so that every launch but the first begins in a tenth of the time; it
            is "spawn" where there is none (Windows).
        max_restarts: how often all processes are started anew after a failure.
        **options: more of `init_dist`, such as ``timeout``.

    Returns:
        What ``fn`` returned, by rank.

    Raises:
        torch.distributed.elastic.multiprocessing.errors.ChildFailedError: a process failed; its
            traceback is in the message.
        KeyboardInterrupt: Ctrl-C; the processes have ended.
    """
    from engine_dist.agent import run  # torch's agent takes a while to import

    options |= {"backend": backend}
    return run(
        fn,
        nproc,
        tuple(args),
        start_method=start_method,
        max_restarts=max_restarts,
        options=options,
    )
