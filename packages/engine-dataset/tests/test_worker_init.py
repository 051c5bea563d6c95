"""Workers begin with a seed of their own."""

from __future__ import annotations

import random
import warnings
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from engine_dataset import worker_init_fn


class Draws(Dataset[Any]):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> list[float]:
        return [random.random(), np.random.rand(), torch.rand(1).item()]


def _draws(seed: int) -> list[float]:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    return [random.random(), np.random.rand(), torch.rand(1).item()]


@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_a_worker_draws_by_rank_worker_and_seed(start_method: str) -> None:
    if start_method == "fork" and not hasattr(__import__("os"), "fork"):
        pytest.skip("this platform has no fork")
    loader = DataLoader(
        Draws(),
        batch_size=None,
        num_workers=2,
        multiprocessing_context=start_method,
        worker_init_fn=partial(worker_init_fn, num_workers=2, rank=3, seed=11),
    )
    first, second, *_ = [[float(value) for value in sample] for sample in loader]
    assert first == _draws(2 * 3 + 0 + 11)
    assert second == _draws(2 * 3 + 1 + 11)


def test_warnings_of_all_but_the_first_worker_can_be_switched_off() -> None:
    state = torch.get_rng_state()
    for worker, heard in ((0, 1), (1, 0)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            worker_init_fn(worker, 2, 0, 5, disable_subprocess_warning=True)
            warnings.warn("of a worker", stacklevel=1)
        assert len(caught) == heard
    torch.set_rng_state(state)
