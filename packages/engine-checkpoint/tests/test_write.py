"""Checkpoints are written whole or not at all, and found again."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from engine_checkpoint import (
    LAST,
    NotKeptError,
    find_latest_checkpoint,
    read_file,
    save_checkpoint,
)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_is_written_is_read_back_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "folder" / "epoch_1.pth"
    save_checkpoint({"state_dict": {"w": torch.ones(2)}, "meta": {"epoch": 1}}, str(file))
    assert read_file(file)["state_dict"]["w"].tolist() == [1, 1]
    assert files(tmp_path) == ["epoch_1.pth"]


@pytest.mark.parametrize("backend_args", [None, {"backend": "local"}])
def test_a_failure_in_the_middle_leaves_the_old_file(
    tmp_path: Path, backend_args: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "epoch_1.pth"
    save_checkpoint({"meta": "old"}, str(file), backend_args=backend_args)
    more = {"state_dict": {str(i): torch.ones(10_000) for i in range(9)}}

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "the disk is full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"the disk is full.*epoch_1\.pth"):
        save_checkpoint(more, str(file), backend_args=backend_args)
    assert read_file(file) == {"meta": "old"}
    assert files(tmp_path) == ["epoch_1.pth"]


@pytest.mark.parametrize("value", [lambda: None, [object()], torch.nn.Linear(1, 1), Path])
def test_what_could_not_be_read_again_is_refused_by_its_place(tmp_path: Path, value: Any) -> None:
    content = {"meta": {"epoch": 1, "mine": value}}
    with pytest.raises(NotKeptError, match=r"checkpoint\['meta'\]\['mine'\].* (put|Put) its"):
        save_checkpoint(content, str(tmp_path / "epoch_1.pth"))
    assert files(tmp_path) == []


def test_an_address_with_a_scheme_is_written_by_its_storage(tmp_path: Path) -> None:
    file = tmp_path / "epoch_1.pth"
    save_checkpoint({"meta": 1}, file.as_uri())
    assert read_file(file) == {"meta": 1}


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to this user"
)
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match="epoch_1"):
        save_checkpoint({}, str(tmp_path / "epoch_1.pth"))


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", "utf-8")
    with pytest.raises(OSError, match="taken"):
        save_checkpoint({}, str(tmp_path / "taken" / "epoch_1.pth"))


def test_the_former_name_of_backend_args_still_works(tmp_path: Path) -> None:
    file = tmp_path / "a.pth"
    save_checkpoint({"meta": 1}, str(file), file_client_args={"backend": "local"})
    assert read_file(file) == {"meta": 1}
    with pytest.raises(ValueError, match="give backend_args alone"):
        save_checkpoint({}, str(file), file_client_args={}, backend_args={})


def test_the_newest_checkpoint_is_found_also_when_its_folder_was_moved(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    save_checkpoint({"meta": 1}, str(work / "epoch_1.pth"))
    (work / LAST).write_text(f"{work / 'epoch_1.pth'}\n", "utf-8")
    assert find_latest_checkpoint(str(work)) == str(work / "epoch_1.pth")
    shutil.move(work, tmp_path / "moved")
    found = find_latest_checkpoint(str(tmp_path / "moved"))
    assert Path(found or "") == tmp_path / "moved" / "epoch_1.pth"


def test_a_folder_without_a_record_has_no_newest_checkpoint(tmp_path: Path) -> None:
    assert find_latest_checkpoint(str(tmp_path)) is None
    (tmp_path / LAST).write_text("", "utf-8")
    assert find_latest_checkpoint(str(tmp_path)) is None
