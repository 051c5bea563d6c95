"""Samplers draw MMEngine's indices, which were recorded by running it, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_dataset import DefaultSampler, InfiniteSampler

# Recorded by running mmengine 0.10.7 with the seed 7.
RECORDED = json.loads((Path(__file__).parent / "mmengine_samplers.json").read_text("utf-8"))


def of_rank(kind: Any, rank: int, world_size: int, *args: Any, **options: Any) -> Any:
    """A sampler as rank ``rank`` of ``world_size`` has it."""
    with pytest.MonkeyPatch.context() as patch:
        where = f"{kind.__module__}.get_data_info"
        patch.setattr(where, lambda: (rank, world_size))
        return kind(*args, **options)


def test_the_default_sampler_draws_mmengines_indices() -> None:
    for case in RECORDED["default"]:
        sampler = of_rank(
            DefaultSampler,
            case["rank"],
            case["world"],
            range(case["size"]),
            shuffle=case["shuffle"],
            seed=7,
            round_up=case["round_up"],
        )
        sampler.set_epoch(case["epoch"])
        assert list(sampler) == case["indices"], case
        assert len(sampler) == case["length"], case


def test_the_infinite_sampler_draws_mmengines_indices() -> None:
    for case in RECORDED["infinite"]:
        sampler = of_rank(
            InfiniteSampler,
            case["rank"],
            case["world"],
            range(case["size"]),
            shuffle=case["shuffle"],
            seed=7,
        )
        assert [*islice(sampler, len(case["indices"]))] == case["indices"], case
        assert len(sampler) == case["length"], case


@given(
    size=st.integers(1, 40), world_size=st.integers(1, 7), epoch=st.integers(0, 9), up=st.booleans()
)
def test_the_ranks_together_draw_every_sample(
    size: int, world_size: int, epoch: int, up: bool
) -> None:
    ranks = []
    for rank in range(world_size):
        sampler = of_rank(DefaultSampler, rank, world_size, range(size), seed=3, round_up=up)
        sampler.set_epoch(epoch)
        ranks.append([*sampler])
        assert len(ranks[-1]) == len(sampler)
    drawn = Counter(chain.from_iterable(ranks))
    assert set(drawn) == set(range(size))
    if up:
        assert len({len(each) for each in ranks}) == 1
        assert sum(drawn.values()) < size + world_size
    else:
        assert set(drawn.values()) == {1}


@given(size=st.integers(1, 20), world_size=st.integers(1, 5), shuffle=st.booleans())
def test_the_ranks_of_an_infinite_sampler_share_passes(
    size: int, world_size: int, shuffle: bool
) -> None:
    ranks = [
        iter(of_rank(InfiniteSampler, rank, world_size, range(size), shuffle=shuffle, seed=3))
        for rank in range(world_size)
    ]
    together = [next(ranks[i % world_size]) for i in range(3 * size)]
    for start in range(0, 3 * size, size):
        assert sorted(together[start : start + size]) == [*range(size)]


def test_an_epoch_has_one_order_and_the_next_another() -> None:
    sampler = DefaultSampler(range(50), seed=1)
    first = [*sampler]
    assert [*sampler] == first
    sampler.set_epoch(1)
    assert [*sampler] != first


def test_without_a_seed_one_is_drawn() -> None:
    assert isinstance(DefaultSampler(range(3)).seed, int)
    assert isinstance(InfiniteSampler(range(3)).seed, int)


def test_an_endless_pass_over_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="the data set is empty"):
        InfiniteSampler([])
    assert [*DefaultSampler([])] == []
