"""What ranks keep of themselves where they are too many for one file: in two processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import of_many
import pytest

from engine_checkpoint import CheckpointError, read_own_part
from engine_dist import launch


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def ranks(folder: Path) -> list[dict[str, Any]]:
    (folder / "text").write_text("a = 1", "utf-8")
    return launch(
        of_many.everything, 2, [str(folder)], backend="gloo", start_method="forkserver", timeout=60
    )


def test_states_are_alike_if_they_are_on_all_ranks(ranks: list[dict[str, Any]]) -> None:
    for rank in ranks:
        assert rank["bounded"]["alike"] is True
        assert rank["bounded"]["unlike"] is False
        assert rank["bounded"]["anywhere"] == [True, False]


def test_a_window_becomes_the_mean_with_zeros_where_a_rank_has_no_gradient(
    ranks: list[dict[str, Any]],
) -> None:
    for number, rank in enumerate(ranks):
        one = rank["bounded"]["mean"]["one"]
        assert (one["every"], one["count"]) == (4, 2)
        first, second, third = one["gradients"]
        assert first.tolist() == [0.5, 1.5, 2.5]
        assert second is None
        assert third.tolist() == [0.0, 0.5]
        assert rank["bounded"]["mean"]["other"] == {}
        assert rank["bounded"]["longer"]["gradients"][0].tolist() == [0.0, 0.5, 1.0]
        assert rank["bounded"]["untouched"].tolist() == [number, 1.0 + number, 2.0 + number]


def test_each_rank_reads_back_what_it_alone_has_written(
    ranks: list[dict[str, Any]], folder: Path
) -> None:
    for number, rank in enumerate(ranks):
        assert rank["own"] == [[number, number], number, ["meta", "state_dict"], None]
    listed = json.loads((folder / "checkpoint" / "manifest.json").read_text())["files"]
    assert {"rank_0.pth", "rank_1.pth"} <= listed.keys()


def test_a_rank_whose_own_part_is_damaged_is_told(
    ranks: list[dict[str, Any]], folder: Path
) -> None:
    path = folder / "checkpoint" / "rank_1.pth"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert read_own_part(str(path.parent), 0)["place"] == 0
    with pytest.raises(CheckpointError, match=r"rank_1\.pth: its XXH3-128"):
        read_own_part(str(path.parent), 1)


def test_annotations_that_the_main_rank_loads_are_there_on_all(
    ranks: list[dict[str, Any]], folder: Path
) -> None:
    for rank in ranks:
        assert rank["loaded"][:2] == [[[3, 1], "told", [7, 8], 2]] * 2
    assert [each.name for each in folder.glob("read_by_*")] == ["read_by_0"]


def test_what_fails_on_the_main_rank_fails_on_all(ranks: list[dict[str, Any]]) -> None:
    assert ranks[0]["loaded"][2] == ("FileNotFoundError", "no annotations here")
    assert ranks[1]["loaded"][2] == (
        "RuntimeError",
        "rank 0 has failed with FileNotFoundError: no annotations here",
    )


def test_a_file_is_read_once_for_all(ranks: list[dict[str, Any]]) -> None:
    assert [rank["text"] for rank in ranks] == ["a = 1"] * 2
