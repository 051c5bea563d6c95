"""What fails on one rank fails on all, and nobody waits for ever."""

from __future__ import annotations

from pathlib import Path

import pytest
import ranks

from engine_dist import launch
from engine_runner.checkpoint import on_main_rank


def test_alone_the_failure_is_the_callers_own() -> None:
    with pytest.raises(KeyError, match="nothing"):
        on_main_rank(lambda: {}["nothing"])


def test_a_checkpoint_that_cannot_be_written_fails_on_all_ranks(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", "utf-8")
    first, second = launch(ranks.refused, 2, (str(tmp_path),), backend="gloo", timeout=60)
    assert "taken" in first[0]
    assert "taken" in second[0]
    assert (first[1], second[1]) == ("KeyError", "CheckpointError")


def test_what_one_rank_cannot_read_all_pass_over(tmp_path: Path) -> None:
    folder = str(tmp_path / "work")
    first, second = launch(ranks.resumed_by_two, 2, (folder,), backend="gloo", timeout=60)
    assert first == (["epoch_3.pth", "epoch_2.pth"], 2)
    assert second == (["epoch_2.pth"], 2)
