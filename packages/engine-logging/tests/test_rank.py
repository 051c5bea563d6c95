from __future__ import annotations

import pytest

from engine_logging import use_ranks
from engine_logging.rank import current_local_rank, current_rank, current_world_size


def test_a_process_alone_has_rank_0_of_1() -> None:
    assert (current_rank(), current_world_size(), current_local_rank()) == (0, 1, 0)


def test_functions_go_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "5")
    monkeypatch.setenv("WORLD_SIZE", "8")
    assert (current_rank(), current_world_size()) == (5, 8)
    use_ranks(rank=lambda: 2)
    assert (current_rank(), current_world_size()) == (2, 8)
    use_ranks()
    assert current_rank() == 5


def test_torchruns_variables_go_before_slurms_and_nonsense_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLURM_PROCID", "3")
    assert current_rank() == 3
    monkeypatch.setenv("RANK", "1")
    assert current_rank() == 1
    monkeypatch.setenv("RANK", "")
    assert current_rank() == 3
