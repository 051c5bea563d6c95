"""Of several ranks that stand still, the one that the others wait for is found."""

from __future__ import annotations

from typing import Any

import pytest

from engine_runner.hooks.hang_diagnosis import Report, diagnose


def report(**changes: Any) -> Report:
    usual: dict[str, Any] = {
        "beats": 7,
        "num_collectives": 3,
        "still_s": 2.0,
        "stage": "train",
        "iteration": 2,
        "collective": "barrier (call 3 of its group), finished",
        "is_waiting": False,
    }
    return Report(**{**usual, **changes})


@pytest.mark.parametrize(
    "behind",
    [
        {"beats": 6, "still_s": 1.0},
        {"num_collectives": 2, "still_s": 1.0},
        {"still_s": 2.5},
    ],
)
def test_the_rank_that_came_least_far_is_named(behind: dict[str, Any]) -> None:
    found = diagnose({0: report(), 1: report(), 2: report(**behind)}, {}, 3)
    assert found.startswith("rank 2 hangs: train, iteration 2, has stood still for ")
    assert found.endswith("last collective: barrier (call 3 of its group), finished")


def test_a_rank_that_waits_in_a_collective_is_named_only_if_all_do() -> None:
    waits = {"is_waiting": True, "beats": 5}
    assert diagnose({0: report(**waits), 1: report()}, {}, 2).startswith("rank 1 hangs")
    both = {0: report(is_waiting=True), 1: report(**waits)}
    assert diagnose(both, {}, 2).startswith("rank 1 hangs")


def test_a_rank_that_has_left_comes_before_one_that_does_not_answer() -> None:
    assert diagnose({1: report()}, {}, 3) == (
        "rank 0 hangs: it doesn't answer, so it is gone or Python can't run there"
    )
    assert diagnose({1: report()}, {2: "ValueError"}, 3) == (
        "rank 2 has left the training with ValueError, and others wait for it"
    )
