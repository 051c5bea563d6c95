"""When to validate, if that changes during a training."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_runner.loops.interval import IntervalPlan


def test_the_interval_changes_at_its_milestones() -> None:
    plan = IntervalPlan(5, [(10, 2), (20, 1)])
    assert [plan.after(done) for done in (0, 8, 9, 18, 19, 999)] == [5, 5, 2, 2, 1, 1]
    assert IntervalPlan(3).after(100) == 3


@given(st.lists(st.integers(1, 50), unique=True, max_size=5).map(sorted), st.integers(0, 60))
def test_the_last_milestone_that_is_next_or_past_counts(milestones: list[int], step: int) -> None:
    plan = IntervalPlan(0, [(each, each) for each in milestones])
    assert plan.after(step) == max([each for each in milestones if each <= step + 1], default=0)


def test_of_two_intervals_for_a_milestone_the_last_one_counts() -> None:
    assert IntervalPlan(3, [(0, 2)]).after(0) == 2
    assert IntervalPlan(3, [(5, 1), (5, 2)]).after(4) == 2


def test_milestones_that_fall_are_refused() -> None:
    with pytest.raises(ValueError, match="milestones must not fall"):
        IntervalPlan(3, [(6, 1), (5, 2)])
