"""A collective that somebody is missing from names who, where and which."""

from __future__ import annotations

import dist_checks
import pytest

import engine_dist


@pytest.mark.parametrize("name", ["barrier", "all_reduce", "all_gather", "gather_object"])
def test_the_missing_rank_is_named_with_the_collective_and_the_line(name: str) -> None:
    told = engine_dist.launch(
        dist_checks.missing, 3, (1.0, [name]), start_method="forkserver", timeout=60
    )
    assert told[2] == []
    for messages in told[:2]:
        (message,) = messages
        assert "rank 2 has not come" in message, message
        assert "rank 0" not in message and "rank 1" not in message, message
        assert "(call 1 of its group, dist_checks.py:" in message, message


def test_a_rank_in_another_collective_is_named_with_its_line() -> None:
    told = engine_dist.launch(
        dist_checks.elsewhere, 2, (1.0,), start_method="forkserver", timeout=8
    )
    assert "rank 1 is in barrier (call 1 of its group, dist_checks.py:" in told[0]
    assert "rank 0 is in all_gather (call 1 of its group, dist_checks.py:" in told[1]


def test_a_long_wait_is_logged_while_it_lasts() -> None:
    logged = engine_dist.launch(
        dist_checks.late, 2, start_method="forkserver", timeout=60, report_after=0.4
    )
    assert logged[1] == []
    (message,) = logged[0]
    assert "in barrier (call 1 of its group, dist_checks.py:" in message
    assert message.endswith("rank 1 has not come")
