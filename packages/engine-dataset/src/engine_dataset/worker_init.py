"""What happens at the start of a data worker."""

from __future__ import annotations

import random
import signal
import warnings
from types import FrameType

import numpy as np
import torch
from torch.utils.data import get_worker_info

from engine_dataset.worker_shutdown import is_ended_by_parent, let_signals_in

__all__ = ["worker_init_fn"]


def worker_init_fn(
    worker_id: int,
    num_workers: int,
    rank: int,
    seed: int,
    disable_subprocess_warning: bool = False,
) -> None:
    """Seed Python's, numpy's and torch's generators of a data worker.

    The seed is ``num_workers * rank + worker_id + seed``.

    A worker also leaves signals to the training: what a terminal or a scheduler sends to a whole
    group of processes is answered there, with the help of its workers.

    Args:
        worker_id: from 0.
        num_workers: workers of a rank.
        rank: rank of the process that the worker serves.
        seed: the run's.
        disable_subprocess_warning: whether the worker shows no warnings.
    """
    if get_worker_info() is not None:
        if is_ended_by_parent():
            _leave_signals()
        let_signals_in()
    own = (num_workers * rank + worker_id + seed) % 2**32
    random.seed(own)
    np.random.seed(own)
    torch.manual_seed(own)
    if disable_subprocess_warning and worker_id != 0:
        warnings.simplefilter("ignore")


def _leave_signals() -> None:
    """Ignore what asks a training to stop, but a second SIGTERM, by which torch ends a worker."""
    for name in ("SIGINT", "SIGUSR1"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _once)


def _once(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
