"""Which checkpoints stay."""

from __future__ import annotations

import pytest

from engine_runner.hooks.retention import Retention


def run(retention: Retention, numbers: range) -> list[int]:
    for number in numbers:
        after = retention.after(number)
        for old in retention.add(number):
            retention.removed(old)
        assert retention.kept == after
    return retention.kept


@pytest.mark.parametrize(
    ("newest", "every", "expected"),
    [(-1, 0, [1, 2, 3, 4, 5, 6, 7]), (2, 0, [6, 7]), (1, 3, [3, 6, 7]), (2, 2, [2, 4, 6, 7])],
)
def test_the_newest_stay_and_every_nth(newest: int, every: int, expected: list[int]) -> None:
    assert run(Retention(newest=newest, every=every), range(1, 8)) == expected


def test_one_that_is_written_again_counts_as_the_newest() -> None:
    retention = Retention(newest=2, kept=[1, 2, 3])
    assert retention.add(2) == [1]
    assert retention.kept == [1, 3, 2]
