"""Where a training stands."""

from __future__ import annotations

from typing import Any

import pytest

from engine_runner.state import TrainState


def test_the_clocks_go_out_and_in() -> None:
    state = TrainState(2, 25, 3, 12, 20, has_stepped=True)
    other = TrainState()
    other.load_state_dict(state.state_dict())
    assert other == state
    assert state.state_dict() == {
        "epoch": 2,
        "iteration": 25,
        "batch_in_epoch": 3,
        "optimizer_steps": 12,
        "validated_at": 20,
    }


@pytest.mark.parametrize("wrong", [None, -1, 1.5, "2"])
def test_what_is_no_count_is_refused_and_nothing_taken_over(wrong: Any) -> None:
    state = TrainState(7, 8, 9)
    with pytest.raises(ValueError, match="needs 'iteration', a count: got"):
        state.load_state_dict({"epoch": 1, "iteration": wrong, "batch_in_epoch": 0})
    assert state == TrainState(7, 8, 9)


def test_a_missing_clock_is_named() -> None:
    with pytest.raises(ValueError, match="'batch_in_epoch', a count: got None"):
        TrainState().load_state_dict({"epoch": 1, "iteration": 2})
