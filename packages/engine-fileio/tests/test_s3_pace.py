"""How large parts are, and how many travel at a time."""

from __future__ import annotations

import pickle

import pytest

from engine_fileio.s3.pace import MiB, Pace


@pytest.mark.parametrize(
    ("size", "part"),
    [(1, 8), (100 * MiB, 8), (256 * MiB, 16), (1024 * MiB, 64), (50_000 * MiB, 64)],
)
def test_every_connection_carries_a_part_of_8_to_64_mib(size: int, part: int) -> None:
    assert Pace(None, 16).part_size(size) == part * MiB


def test_an_object_has_at_most_ten_thousand_parts() -> None:
    size = 5 * 1024**4  # the largest object that S3 has
    for pace in (Pace(None, 16), Pace(5 * MiB, 16)):
        assert size / pace.part_size(size) <= 10_000


def test_a_size_that_is_given_stays() -> None:
    pace = Pace(5 * MiB, 16)
    pace.went_through(1000 * MiB, seconds=1, connections=16)
    assert pace.part_size(1000 * MiB) == pace.threshold == 5 * MiB


def test_over_slow_connections_parts_are_smaller() -> None:
    pace = Pace(None, 16)
    assert pace.part_size(4096 * MiB) == 64 * MiB
    pace.went_through(1024 * MiB, seconds=16, connections=16)  # 4 MiB/s each
    assert pace.part_size(4096 * MiB) == 16 * MiB
    pace.went_through(64 * MiB, seconds=64, connections=16)
    assert pace.part_size(4096 * MiB) == 8 * MiB


def test_throttling_halves_the_connections_and_each_transfer_brings_one_back() -> None:
    pace = pickle.loads(pickle.dumps(Pace(None, 16)))
    pace.slow_down()
    assert pace.connections == 8
    for _ in range(5):
        pace.slow_down()
    assert pace.connections == 1
    for expected in (2, 3, 4):
        pace.went_through(MiB, seconds=1, connections=1)
        assert pace.connections == expected
    for _ in range(20):
        pace.went_through(MiB, seconds=1, connections=1)
    assert pace.connections == 16
