"""Every collective in groups of two and four processes over gloo."""

from __future__ import annotations

import dist_checks
import pytest

CHECKS = [name for name in vars(dist_checks) if name.startswith("check_")]


@pytest.mark.parametrize("name", CHECKS)
def test_in_every_process(outcome: list[dict[str, str]], name: str) -> None:
    for rank, results in enumerate(outcome):
        assert not results[name], f"rank {rank}:\n{results[name]}"
