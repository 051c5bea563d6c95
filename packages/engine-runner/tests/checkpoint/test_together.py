"""What fails on one rank fails on all, and nobody waits for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import ranks

from engine_checkpoint import on_main_rank
from engine_dist import launch


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each of two ranks saw."""
    folder: Path = tmp_path_factory.mktemp("together")
    (folder / "taken").write_text("", "utf-8")
    found: list[dict[str, Any]] = launch(
        ranks.failing_checkpoints,
        2,
        (str(folder),),
        backend="gloo",
        start_method="forkserver",
        timeout=60,
    )
    return found


def test_alone_the_failure_is_the_callers_own() -> None:
    with pytest.raises(KeyError, match="nothing"):
        on_main_rank(lambda: {}["nothing"])


def test_a_checkpoint_that_cannot_be_written_fails_on_all_ranks(seen: list[dict[str, Any]]) -> None:
    first, second = (each["refused"] for each in seen)
    assert "taken" in first[0]
    assert "taken" in second[0]
    assert (first[1], second[1]) == ("KeyError", "CheckpointError")


def test_what_one_rank_cannot_read_all_pass_over(seen: list[dict[str, Any]]) -> None:
    first, second = (each["resumed"] for each in seen)
    assert first == (["epoch_3.pth", "epoch_2.pth"], 2)
    assert second == (["epoch_2.pth"], 2)


def test_what_failed_beside_the_training_is_undone_on_all_ranks(seen: list[dict[str, Any]]) -> None:
    # The first epoch's checkpoint and its best one are refused; the second is worse than the first.
    assert [each["beside"] for each in seen] == [[0.75, "epoch_4.pth"]] * 2
