"""What a loader says of itself."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, Sampler

from engine_dataset import DefaultSampler, worker_init_fn
from engine_runner.loaders import (
    change_seed,
    drawing_state,
    global_batch_size,
    set_drawing_state,
)


class Counts(Sampler[int]):
    """It has a state of its own."""

    def __init__(self) -> None:
        self.first = 0

    def __iter__(self) -> Any:
        self.first += 1
        return iter([self.first])

    def state_dict(self) -> dict[str, int]:
        return {"first": self.first}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.first = state["first"]


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: DataLoader(range(9), shuffle=True, generator=generator()),
        lambda: DataLoader(range(9), sampler=RandomSampler(range(9), generator=generator())),
        lambda: DataLoader(range(9), sampler=Counts()),
        lambda: DataLoader(range(9), batch_sampler=BatchSampler(Counts(), 2, False)),
    ],
)
def test_what_is_a_loaders_own_to_draw_by_goes_out_and_in(make: Any) -> None:
    loader = make()
    assert len([*loader]) > 0
    state = drawing_state(loader)
    expected = [[batch.tolist() for batch in loader] for _ in range(2)]
    assert expected[0] != expected[1]
    other = make()
    set_drawing_state(other, state)
    assert [[batch.tolist() for batch in other] for _ in range(2)] == expected


def test_most_loaders_have_nothing_of_their_own() -> None:
    loader = DataLoader(range(4), sampler=DefaultSampler(range(4), seed=1))
    assert drawing_state(loader) == drawing_state([1]) == {"generators": [], "samplers": []}


@pytest.mark.parametrize(
    ("loader", "size"),
    [
        (DataLoader(range(4), batch_size=3), 6),
        (DataLoader(range(4), batch_sampler=BatchSampler(range(4), 4, False)), 8),
        (DataLoader(range(4), batch_sampler=[[1, 2], [3]]), None),
        (DataLoader(range(4), batch_size=None), None),
        ([1], None),
        (None, None),
    ],
)
def test_a_batch_of_all_ranks_has_a_size(
    loader: Any, size: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine_runner.loaders.get_data_info", lambda: (0, 2))
    assert global_batch_size(loader) == size


def test_a_seed_that_was_drawn_gives_way_and_one_that_was_given_stays() -> None:
    workers = partial(worker_init_fn, num_workers=1, rank=0, seed=3)
    loader = DataLoader(
        range(4), sampler=DefaultSampler(range(4), seed=3), num_workers=1, worker_init_fn=workers
    )
    change_seed(loader, 3, 5)
    function: Any = loader.worker_init_fn
    assert (loader.sampler.seed, function.keywords["seed"]) == (5, 5)
    change_seed(loader, 4, 6)
    function = loader.worker_init_fn
    assert (loader.sampler.seed, function.keywords["seed"]) == (5, 5)
    change_seed([1], 3, 5)
