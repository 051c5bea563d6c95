"""What one rank can't write, no rank has written, and every rank is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faulty
import pytest

from engine_dist import launch


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the ranks save."""
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def ranks(work: Path) -> list[dict[str, Any]]:
    """What each rank was told."""
    return launch(faulty.failures, 2, (str(work),), backend="gloo", start_method="forkserver")


@pytest.mark.parametrize("full", [0, 1])
def test_a_full_disk_of_one_rank_is_an_error_of_the_disk_on_every_rank(
    ranks: list[dict[str, Any]], full: int
) -> None:
    for rank in ranks:
        kind, text = rank[f"full {full}"]
        assert kind == "OSError"
        assert "File too large" in text
        assert "epoch_1.pth" in text


def test_what_cannot_be_written_is_an_error_on_every_rank(ranks: list[dict[str, Any]]) -> None:
    assert [rank["unwritable"][0] for rank in ranks] == ["RuntimeError", "CheckpointError"]
    assert all("it has no bytes" in rank["unwritable"][1] for rank in ranks)


def test_an_address_that_is_no_folder_is_refused(ranks: list[dict[str, Any]]) -> None:
    for rank in ranks:
        assert rank["remote"][0] == "ValueError"
        assert "s3://here/a.pth" in rank["remote"][1]


def test_the_former_checkpoint_stays_and_nothing_is_left(ranks: list[dict[str, Any]]) -> None:
    for rank in ranks:
        assert rank["kept"] == 1.0
        assert rank["names"] == ["1.0.pth", "2.0.pth", "copy.pth", "epoch_1.pth"]
        assert "__1_0.distcp" in rank["files"]  # plain weights are dealt out


def test_what_is_staged_may_change_before_it_is_written(ranks: list[dict[str, Any]]) -> None:
    assert [rank["copy"] for rank in ranks] == [[1.0, 1.0, 1.0]] * 2


def test_checkpoints_staged_one_after_the_other_may_be_written_by_any_threads(
    ranks: list[dict[str, Any]],
) -> None:
    assert [rank["order"] for rank in ranks] == [[1.0, 2.0]] * 2


def test_a_hook_goes_on_after_a_save_beside_the_training_has_failed(
    ranks: list[dict[str, Any]],
) -> None:
    for rank in ranks:
        assert rank["hook"]["settled"] == [False, True]
        assert rank["hook"]["names"] == ["iter_4.pth"]


def test_what_one_rank_cannot_read_no_rank_goes_on_with(ranks: list[dict[str, Any]]) -> None:
    for rank in ranks:
        kind, text = rank["hook"]["read"]
        assert kind == "CheckpointError"
        assert "__1_0.distcp" in text
    assert ranks[0]["hook"]["read"][1].startswith("rank 1: ")
