"""Beginning in the middle of the data reads no earlier sample."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from reads import Reads
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler
from toy import Stream

from engine_dataset import DefaultSampler, InfiniteSampler
from engine_runner.loops.resume_position import batches_from, is_endless


def indices(batches: Any) -> list[list[int]]:
    return [batch.tolist() for batch in batches]


@pytest.mark.parametrize("start", [0, 1, 3, 5, 9])
def test_the_batches_are_those_of_a_whole_pass_without_the_first(start: int) -> None:
    data = Reads(10)
    loader = DataLoader(data, batch_size=2, sampler=DefaultSampler(data, seed=3))
    whole = indices(loader)
    data.read.clear()
    assert indices(batches_from(loader, start)) == whole[start:]
    assert data.read == [index for batch in whole[start:] for index in batch]
    assert indices(loader) == whole


@pytest.mark.parametrize("persistent", [False, True], ids=["fresh", "persistent"])
def test_workers_read_no_earlier_sample_and_later_passes_are_whole(
    tmp_path: Any, persistent: bool
) -> None:
    data = Reads(10, folder=str(tmp_path))
    loader = DataLoader(data, batch_size=2, num_workers=2, persistent_workers=persistent)
    assert indices(batches_from(loader, 3)) == [[6, 7], [8, 9]]
    assert sorted(int(path.name) for path in tmp_path.iterdir()) == [6, 7, 8, 9]
    for _ in range(2):
        assert indices(loader) == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]


def test_workers_that_persist_are_started_anew() -> None:
    loader = DataLoader(Reads(6), batch_size=2, num_workers=1, persistent_workers=True)
    assert len(indices(loader)) == 3
    assert indices(batches_from(loader, 2)) == [[4, 5]]
    assert len(indices(loader)) == 3


def test_samples_without_batches_are_entered_too() -> None:
    data = Reads(5)
    assert indices(batches_from(DataLoader(data, batch_size=None), 3)) == [3, 4]
    assert data.read == [3, 4]


def test_the_rest_of_a_pass_has_a_length() -> None:
    loader = DataLoader(
        Reads(10), batch_sampler=BatchSampler(SequentialSampler(range(10)), 2, False)
    )
    rest = iter(batches_from(loader, 3))
    assert len(rest) == 2


def test_a_stream_is_read_and_dropped(caplog: pytest.LogCaptureFixture) -> None:
    stream = Stream(6)
    batches = list(batches_from(DataLoader(stream, batch_size=2), 2))
    assert [x[:, 0].tolist() for x, _ in batches] == [[4.0, 5.0]]
    assert stream.num_read == 6
    assert "the data can't be entered in the middle: reading 2 batches over" in caplog.text


def test_what_is_no_loader_is_read_and_dropped() -> None:
    logging.getLogger("engine_runner.loops.resume_position").disabled = False
    assert list(batches_from([1, 2, 3], 2)) == [3]


@pytest.mark.parametrize(
    ("loader", "endless"),
    [
        (DataLoader(range(3), sampler=InfiniteSampler(range(3))), True),
        (
            DataLoader(range(3), batch_sampler=BatchSampler(InfiniteSampler(range(3)), 2, False)),
            True,
        ),
        (DataLoader(range(3), sampler=RandomSampler(range(3))), False),
        ([1], False),
    ],
)
def test_endless_passes_are_known(loader: Any, endless: bool) -> None:
    assert is_endless(loader) is endless
