"""The newest checkpoint of a folder, and those before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from engine_checkpoint import (
    LAST,
    find_latest_checkpoint,
    is_whole,
    load_checkpoint,
    numbers_in,
    point_to,
    resumable,
    save_checkpoint,
)
from engine_fileio import get_text, put_text, rmtree


def fill(folder: Path, *names: str, last: str | None = None, **meta: int) -> None:
    for name in names:
        save_checkpoint({"meta": {"iter": meta.get(name.split(".")[0], 0)}}, str(folder / name))
    if last is not None:
        (folder / LAST).write_text(last, "utf-8")


def order(folder: Path) -> list[str]:
    return [Path(each).name for each in resumable(str(folder)).addresses]


def test_those_before_the_last_follow_it_and_later_ones_come_at_the_end(tmp_path: Path) -> None:
    names = [f"epoch_{number}.pth" for number in (1, 2, 9, 10, 11)]
    fill(tmp_path, *names, last=str(tmp_path / "epoch_10.pth"))
    assert order(tmp_path) == [f"epoch_{number}.pth" for number in (10, 9, 2, 1, 11)]
    assert resumable(str(tmp_path)).complaint is None


def test_best_and_published_ones_never_count(tmp_path: Path) -> None:
    others = ["best_acc_epoch_7.pth", "epoch_5-12345678.pth", "latest.pth", "epoch_8.txt"]
    fill(tmp_path, "epoch_3.pth", "epoch_4.pth", *others)
    assert order(tmp_path) == ["epoch_4.pth", "epoch_3.pth"]


@pytest.mark.parametrize(
    ("last", "complaint"),
    [
        (None, "there is no last_checkpoint in .*, but there are checkpoints"),
        ("", "is empty or damaged"),
        ("\0\0\0", "is empty or damaged"),
        ("/gone/epoch_3.pth", "names /gone/epoch_3.pth, which isn't there"),
    ],
)
def test_without_a_good_record_the_files_tell(
    tmp_path: Path, last: str | None, complaint: str
) -> None:
    fill(tmp_path, "epoch_1.pth", "epoch_2.pth", last=last)
    found = resumable(str(tmp_path))
    assert order(tmp_path) == ["epoch_2.pth", "epoch_1.pth"]
    assert re.search(complaint, found.complaint or "")
    assert not found.is_lost
    assert Path(find_latest_checkpoint(str(tmp_path)) or "").name == "epoch_2.pth"


def test_a_record_of_a_file_that_is_gone_says_that_something_is_lost(tmp_path: Path) -> None:
    fill(tmp_path, last="/gone/epoch_3.pth")
    assert resumable(str(tmp_path)).is_lost
    assert resumable(str(tmp_path / "nowhere")) == ([], None, False)
    assert find_latest_checkpoint(str(tmp_path)) is None


def test_names_that_count_different_things_are_ordered_by_what_they_hold(tmp_path: Path) -> None:
    meta = {"epoch_1": 10, "iter_15": 15, "epoch_2": 20, "iter_30": 30}
    fill(tmp_path, *[f"{name}.pth" for name in meta], **meta)
    assert order(tmp_path) == ["iter_30.pth", "epoch_2.pth", "iter_15.pth", "epoch_1.pth"]


def test_the_folder_of_the_last_one_is_looked_into(tmp_path: Path) -> None:
    out, work = tmp_path / "out" / "work", tmp_path / "work"
    work.mkdir()
    fill(out, "epoch_1.pth", "epoch_2.pth")
    fill(work, last=str(out / "epoch_2.pth"))
    assert order(work) == ["epoch_2.pth", "epoch_1.pth"]


def test_numbers_are_those_of_a_template(tmp_path: Path) -> None:
    fill(tmp_path, "x_2.pth", "x_10.pth", "x_02.pth", "best_x_3.pth", "y_4.pth", "x_5.pth.old")
    assert numbers_in(str(tmp_path), "x_{}.pth") == [2, 10]
    assert numbers_in(str(tmp_path / "none"), "x_{}.pth") == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", None])
def test_what_is_whole_is_told_from_what_is_not(tmp_path: Path, content: Any) -> None:
    file = tmp_path / "a.pth"
    save_checkpoint({"a": 1}, str(file))
    assert is_whole(str(file))
    file.write_bytes(file.read_bytes()[:-1] if content is None else content)
    assert not is_whole(str(file))
    assert not is_whole(str(tmp_path / "none.pth"))


@pytest.fixture
def bucket() -> Iterator[str]:
    yield "memory://work/run"
    rmtree("memory://work")


def test_in_a_store_the_record_of_another_training_is_not_overwritten(
    bucket: str, capsys: pytest.CaptureFixture[str]
) -> None:
    point_to(f"{bucket}/epoch_1.pth", bucket)
    point_to(f"{bucket}/epoch_2.pth", bucket)
    assert get_text(f"{bucket}/{LAST}") == f"{bucket}/epoch_2.pth"
    put_text("another's", f"{bucket}/{LAST}")
    point_to(f"{bucket}/epoch_3.pth", bucket)
    assert get_text(f"{bucket}/{LAST}") == "another's"
    told = capsys.readouterr().out
    assert "another training writes to this work_dir" in told
    assert "epoch_3.pth" in told
    point_to(f"{bucket}/epoch_4.pth", bucket)  # it was told: the next one counts again
    assert get_text(f"{bucket}/{LAST}") == f"{bucket}/epoch_4.pth"


def test_a_record_that_is_there_from_an_earlier_run_is_taken_over(bucket: str) -> None:
    put_text("earlier", f"{bucket}/earlier/{LAST}")
    point_to(f"{bucket}/epoch_5.pth", f"{bucket}/earlier")
    assert get_text(f"{bucket}/earlier/{LAST}") == f"{bucket}/epoch_5.pth"


def test_locally_the_record_is_written(tmp_path: Path) -> None:
    for name in ("a.pth", "b.pth"):
        point_to(name, str(tmp_path))
        assert (tmp_path / LAST).read_text("utf-8") == name


def test_weights_of_an_empty_folder_are_refused_in_words(tmp_path: Path) -> None:
    found = find_latest_checkpoint(str(tmp_path))
    with pytest.raises(TypeError, match="returns that where a folder"):
        load_checkpoint(torch.nn.Linear(1, 1), found)  # type: ignore[arg-type]
