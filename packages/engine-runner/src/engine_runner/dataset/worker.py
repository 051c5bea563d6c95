"""What happens at the start of a data worker."""

from __future__ import annotations

import random
import warnings

import numpy as np
import torch

__all__ = ["worker_init_fn"]


def worker_init_fn(
    worker_id: int,
    num_workers: int,
    rank: int,
    seed: int,
    disable_subprocess_warning: bool = False,
) -> None:
    """Seed Python's, numpy's and torch's generators of a worker with ``num_workers * rank +
    worker_id + seed``.

    Args:
        worker_id: from 0.
        num_workers: workers of a rank.
        rank: rank of the process that the worker serves.
        seed: the run's.
        disable_subprocess_warning: whether the worker shows no warnings.
    """
    own = (num_workers * rank + worker_id + seed) % 2**32
    random.seed(own)
    np.random.seed(own)
    torch.manual_seed(own)
    if disable_subprocess_warning and worker_id != 0:
        warnings.simplefilter("ignore")
