"""Random numbers that belong to a sample."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, Subset
from toy import without_validation

from engine_dataset import ConcatDataset, InfiniteSampler, RepeatDataset
from engine_dataset.per_sample import PerSample, with_epochs, with_passes
from engine_runner import BaseDataset, Hook
from engine_runner.loops.pass_start import Opening
from engine_runner.state import TrainState


class Draws(Dataset[Any]):
    """Each sample is its index and what three libraries draw."""

    def __init__(self, size: int = 7) -> None:
        self.size = size
        self.metainfo = {"classes": ("cat",)}

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> list[float]:
        return [float(index), random.random(), float(np.random.randn()), float(torch.rand(()))]


class Refuses(BaseDataset):
    """Every other sample is refused, so that another one is drawn in its place."""

    def load_data_list(self) -> list[dict[str, Any]]:
        return [{"value": i} for i in range(40)]

    def prepare_data(self, idx: int) -> Any:
        return None if idx % 2 else [float(idx), random.random()]


class Fails(Draws):
    """Its third sample can't be read."""

    def __getitem__(self, index: int) -> list[float]:
        if index == 2:
            random.random()
            raise OSError("broken picture")
        return super().__getitem__(index)


def as_lists(data: list[Any]) -> list[Any]:
    return data


def shaken(data: list[Any]) -> list[Any]:
    return [*data, random.random()]


def state() -> tuple[Any, ...]:
    _, keys, *rest = np.random.get_state()
    return random.getstate(), keys.tobytes(), *rest, torch.get_rng_state().numpy().tobytes()


def epochs(loader: Any, number: int = 2) -> list[list[Any]]:
    opening = Opening(TrainState(), lambda: 5)
    return [[*opening(loader, 0, epoch)] for epoch in range(number)]


@pytest.mark.parametrize("dataset", [Draws(), Refuses(), RepeatDataset(Draws(2), 4)])
def test_samples_are_the_same_for_any_workers(dataset: Any) -> None:
    options = {"batch_size": 3, "collate_fn": shaken}
    expected = epochs(DataLoader(dataset, **options))
    assert expected[0] != expected[1]
    for workers in ({"num_workers": 1}, {"num_workers": 2, "persistent_workers": True}):
        assert epochs(DataLoader(dataset, **options, **workers)) == expected


def test_order_and_batches_make_no_difference_either() -> None:
    first, second = ConcatDataset([Draws(5), Draws(4)]), Draws(9)
    (one,) = epochs(DataLoader(first, batch_size=4, collate_fn=as_lists), 1)
    loader = DataLoader(first, sampler=range(8, -1, -1), batch_size=None, collate_fn=as_lists)
    (other,) = epochs(loader, 1)
    assert [each for batch in one for each in batch] == other[::-1]
    (third,) = epochs(DataLoader(second, batch_size=9, collate_fn=as_lists), 1)
    assert [each[1:] for each in third[0]] == [each[1:] for each in other[::-1]]


@pytest.mark.parametrize("dataset", [Draws(), Fails()])
def test_the_process_draws_as_if_nothing_had_been_read(dataset: Any) -> None:
    loader = DataLoader(dataset, batch_size=3, collate_fn=shaken)
    batches = Opening(TrainState(), lambda: 5)(loader, 0, 0)
    np.random.randn()  # numpy keeps another normal number for the next time
    before = state()
    if isinstance(dataset, Fails):
        with pytest.raises(OSError, match="broken picture"):
            next(batches)
    else:
        assert len([*batches]) == 3
    assert state() == before


def test_a_function_that_fails_leaves_the_generators_alone() -> None:
    samples = PerSample(Draws(), 1)
    before = state()
    data = samples.__getitems__((0, [1, 2]))
    assert state() != before
    with pytest.raises(ZeroDivisionError):
        samples.collate(lambda data: data / 0 if isinstance(data, int) else 1 / 0)(data)
    assert state() == before


def test_it_stands_for_the_data_set() -> None:
    inner = Draws()
    samples = PerSample(inner, 1)
    samples.mark = 3
    assert (samples.metainfo, inner.mark, len(samples)) == (inner.metainfo, 3, 7)
    with pytest.raises(AttributeError):
        _ = samples.missing


def test_it_can_be_sent_to_a_process_that_is_not_forked() -> None:
    samples = PerSample(Draws(), 1)
    sent = pickle.loads(pickle.dumps(samples))
    assert sent[0, 4] == samples[0, 4]
    assert sent.metainfo == samples.metainfo


def test_the_loader_is_its_users_before_and_after() -> None:
    loader = DataLoader(Draws(), batch_size=3, collate_fn=as_lists, num_workers=1)
    before = dict(vars(loader))
    epochs(loader, 1)
    assert vars(loader) == before


def test_what_is_no_number_may_be_an_index() -> None:
    class Named(Draws):
        def __getitem__(self, index: Any) -> list[float]:
            return super().__getitem__(0)

    samples = PerSample(Named(), 1)
    by_name = [samples[0, name] for name in ("a", "b", "a", ("a", 1))]
    assert by_name[0] == by_name[2] and len({str(each) for each in by_name}) == 3
    assert samples[0, torch.tensor(3)] == samples[0, np.int64(3)] == samples[0, 3]


def test_parts_of_a_data_set_are_read_one_by_one() -> None:
    subset = Subset(Draws(), [2, 4, 6])
    (found,) = epochs(DataLoader(subset, batch_size=3, collate_fn=as_lists), 1)
    assert [each[0] for each in found[0]] == [2.0, 4.0, 6.0]
    (same,) = epochs(DataLoader(Draws(), batch_size=3, collate_fn=as_lists), 1)
    assert [each[1:] for each in found[0]] == [each[1:] for each in same[0]]


def ranked(monkeypatch: pytest.MonkeyPatch, world_size: int, batch: int) -> list[set[Any]]:
    """Index and pass of the samples of each global batch of an endless sampler."""
    ranks: list[Iterator[Any]] = []
    for rank in range(world_size):
        for module in ("sampler", "per_sample"):
            name = f"engine_dataset.{module}.get_data_info"
            monkeypatch.setattr(name, lambda rank=rank: (rank, world_size))
        sampler = BatchSampler(InfiniteSampler(range(7), seed=3), batch, False)
        drawn = with_passes(sampler, 7)
        ranks.append(iter([next(drawn) for _ in range(6)]))
    found = []
    for parts in zip(*ranks, strict=True):
        flat = [
            (index, passes[place] if isinstance(passes, list) else passes)
            for passes, indices in parts
            for place, index in enumerate(indices)
        ]
        assert len(set(flat)) == len(flat)
        found.append(set(flat))
    return found


def test_passes_of_an_endless_sampler_are_counted_over_all_ranks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = ranked(monkeypatch, 1, 4)
    assert [min(each for _, each in batch) for batch in alone] == [0, 0, 1, 1, 2, 2]
    assert ranked(monkeypatch, 2, 2) == alone
    assert ranked(monkeypatch, 4, 1) == alone


def test_epochs_and_passes_come_with_what_is_drawn() -> None:
    assert [*with_epochs([[1, 2], [3]], 4)] == [(4, [1, 2]), (4, [3])]
    assert [*with_passes([0, 1, 0, 1, 0], 2)] == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]


class Seen(Hook):
    """Keeps the first coordinates of all batches."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        self.values += data_batch[0][:, 0].tolist()


class Jittered(Draws):
    """Points, moved at random."""

    def __getitem__(self, index: int) -> Any:
        return torch.tensor([np.random.rand(), 1.0]), torch.tensor([0.0])


@pytest.mark.parametrize("loop", [{"by_epoch": True, "max_epochs": 2}, {"max_iters": 8}])
def test_a_run_asks_for_it_by_its_randomness(toy: Any, tmp_path: Any, loop: dict[str, Any]) -> None:
    def seen(name: str, **options: Any) -> list[float]:
        hook = Seen()
        dataset = Jittered()
        sampler = RandomSampler(dataset, generator=torch.Generator().manual_seed(1))
        given = DataLoader(dataset, batch_size=2, sampler=sampler, **options)
        runner = toy(
            work_dir=tmp_path / name,
            train_dataloader=given,
            train_cfg={"by_epoch": False, "val_interval": 100, **loop},
            randomness={"seed": 1, "per_sample": True},
            custom_hooks=[hook],
            **without_validation(),
        )
        runner.train()
        return hook.values

    first = seen("alone")
    assert len(set(first)) == 14
    assert seen("workers", num_workers=2) == first
