"""Groups with equal settings become one."""

from __future__ import annotations

from typing import Any

from engine_optim.param_groups import merged_groups


def test_equal_groups_are_put_together_in_the_order_of_their_first_members() -> None:
    groups: list[dict[str, Any]] = [
        {"params": ["a"], "lr": 1},
        {"params": "b"},
        {"params": ["c", "d"], "lr": 1},
        {"params": ["e"], "lr": 2},
    ]
    merged, places = merged_groups(groups)
    assert merged == [
        {"params": ["a", "c", "d"], "lr": 1},
        {"params": ["b"]},
        {"params": ["e"], "lr": 2},
    ]
    assert places == [0, 2, 3, 1, 4]


def test_settings_that_cannot_be_compared_stay_alone() -> None:
    groups: list[dict[str, Any]] = [
        {"params": ["a"], "betas": [0.9, 0.99]},
        {"params": ["b"], "betas": [0.9, 0.99]},
        {"params": ["c"]},
    ]
    merged, places = merged_groups(groups)
    assert [group["params"] for group in merged] == [["a"], ["b"], ["c"]]
    assert places == [0, 1, 2]
