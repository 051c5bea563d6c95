"""When to validate, if that changes during a training."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_runner.loops.interval import IntervalPlan


def test_the_interval_changes_at_its_milestones() -> None:
    plan = IntervalPlan(5, [(10, 2), (20, 1)])
    assert [plan.at(step) for step in (0, 9, 10, 19, 20, 999)] == [5, 5, 2, 2, 1, 1]
    assert IntervalPlan(3).at(100) == 3


@given(st.lists(st.integers(1, 50), unique=True, max_size=5).map(sorted), st.integers(0, 60))
def test_the_last_milestone_that_was_passed_counts(milestones: list[int], step: int) -> None:
    plan = IntervalPlan(0, [(each, each) for each in milestones])
    assert plan.at(step) == max([each for each in milestones if each <= step], default=0)


@pytest.mark.parametrize("changes", [[(5, 1), (5, 2)], [(6, 1), (5, 2)], [(0, 2)]])
def test_milestones_that_do_not_rise_are_refused(changes: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="milestones must rise from 1"):
        IntervalPlan(3, changes)
