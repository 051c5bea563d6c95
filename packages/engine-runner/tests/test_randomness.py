"""Seeds, and the state of the random number generators."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine_checkpoint import read_file
from engine_runner.randomness import (
    rng_state,
    set_random_seed,
    set_rng_state,
)


@pytest.fixture(autouse=True)
def _settings_as_before() -> Iterator[None]:
    state = rng_state()
    cudnn = torch.backends.cudnn
    flags = cudnn.benchmark, cudnn.deterministic
    variable = os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    yield
    set_rng_state(state)
    torch.use_deterministic_algorithms(False)
    cudnn.benchmark, cudnn.deterministic = flags
    if variable is None:
        os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)


def draws() -> list[float]:
    return [
        random.random(),
        random.gauss(0, 1),
        np.random.rand(),
        np.random.randn(),
        torch.rand(1).item(),
    ]


def test_a_seed_gives_the_same_draws() -> None:
    assert set_random_seed(7) == 7
    first = draws()
    assert draws() != first
    set_random_seed(7)
    assert draws() == first
    set_random_seed(8)
    assert draws() != first


def test_without_a_seed_one_is_drawn_and_told() -> None:
    seed = set_random_seed(None)
    first = draws()
    set_random_seed(seed)
    assert draws() == first


def test_ranks_may_have_seeds_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    set_random_seed(10)
    expected = draws()
    monkeypatch.setattr("engine_runner.randomness.get_rank", lambda: 3)
    assert set_random_seed(7, diff_rank_seed=True) == 7
    assert draws() == expected
    assert set_random_seed(2**32 - 1, diff_rank_seed=True) == 2**32 - 1


@pytest.mark.parametrize(
    ("seed", "error"),
    [("1", TypeError), (1.0, TypeError), (True, TypeError), (-1, ValueError), (2**32, ValueError)],
)
def test_what_is_no_seed_is_refused(seed: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="randomness: the seed must"):
        set_random_seed(seed)


def test_deterministic_algorithms_are_asked_for() -> None:
    torch.backends.cudnn.benchmark = True
    set_random_seed(1, deterministic=True)
    assert torch.are_deterministic_algorithms_enabled()
    assert torch.backends.cudnn.deterministic
    assert not torch.backends.cudnn.benchmark
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


def test_the_state_of_all_generators_is_data_and_comes_back(tmp_path: Path) -> None:
    set_random_seed(3)
    draws()
    state = rng_state()
    expected = [draws(), draws()]
    torch.save(state, tmp_path / "state.pth")
    set_rng_state(read_file(tmp_path / "state.pth"))
    assert [draws(), draws()] == expected


def test_a_state_has_always_the_same_size(tmp_path: Path) -> None:
    sizes = set()
    for seed in range(5):
        set_random_seed(seed)
        torch.save(rng_state(with_devices=False), tmp_path / "state.pth")
        sizes.add((tmp_path / "state.pth").stat().st_size)
    assert len(sizes) == 1
