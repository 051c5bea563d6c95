"""What one rank has heard, all ranks know at the same iteration."""

from __future__ import annotations

from pathlib import Path

import pytest
from stopped import stopped_on_one_rank

from engine_dist import launch
from engine_runner.hooks.agreement import Agreement


def test_of_one_process_everything_is_known_at_once() -> None:
    agreement = Agreement(interval=100)
    assert [agreement(0), agreement(3)] == [0, 3]
    agreement.close()


def test_a_signal_on_one_rank_stops_all_at_the_same_iteration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    first, second = launch(stopped_on_one_rank, 2, [str(tmp_path)], backend="gloo")
    assert first == second
    assert (first["code"], first["reason"], first["went_on_at"]) == (130, "SIGINT", 4)
    assert first["checkpoint"] == str(tmp_path / "work" / "preempted_iter_4.pth")
    assert first["weights"] == first["untouched"]
