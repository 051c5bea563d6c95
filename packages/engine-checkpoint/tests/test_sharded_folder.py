"""A folder is there whole under its name or not at all, and what is wrong with one is told."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from engine_checkpoint import (
    CheckpointError,
    ShardedWriter,
    is_whole,
    numbers_in,
    read_sharded,
    remove_checkpoint,
    resumable,
)
from engine_checkpoint.sharded.folder import (
    _digest_of,
    make_draft,
    publish_draft,
    write_synced,
)

FILES = (".metadata", "__0_0.distcp", "content.pth", "manifest.json")

Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Writes a checkpoint whose weights are ``number``."""

    def act(name: str = "epoch_1.pth", number: float = 1.0) -> Path:
        weights = {"w": torch.full((5, 3), number), "b": torch.tensor([number])}
        content = {"meta": {"epoch": 1, "iter": number}, "message_hub": {}, "state_dict": weights}
        ShardedWriter().stage(content, str(tmp_path / name))()
        return tmp_path / name

    return act


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def number_in(folder: Path) -> float:
    return float(read_sharded(folder)["state_dict"]["w"][4, 2])


def test_a_folder_holds_these_files_and_nothing_is_beside_it(save: Save, tmp_path: Path) -> None:
    folder = save()
    assert names_in(folder) == sorted(FILES)
    assert names_in(tmp_path) == ["epoch_1.pth"]
    assert is_whole(str(folder))


HARMS = [(name, harm) for name in FILES for harm in ("flipped", "cut", "emptied", "removed")]
HARMS.remove(("manifest.json", "removed"))  # then it is torch's own folder


@pytest.mark.parametrize(("name", "harm"), HARMS)
def test_a_damaged_file_is_named_and_the_checkpoint_refused(
    save: Save, name: str, harm: str
) -> None:
    file = save() / name
    data = file.read_bytes()
    place = data.index(b"sha256") + 12 if name == "manifest.json" else len(data) // 2
    changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    if harm == "removed":
        file.unlink()
    else:
        file.write_bytes({"flipped": changed, "cut": data[:-3], "emptied": b""}[harm])
    assert not is_whole(str(file.parent))
    with pytest.raises(CheckpointError, match=rf"epoch_1\.pth is damaged: {name}: "):
        read_sharded(file.parent)


def test_a_folder_that_has_lost_its_list_of_files_is_damaged_and_not_torchs_own(
    save: Save, tmp_path: Path
) -> None:
    (save() / "manifest.json").unlink()
    assert resumable(str(tmp_path)).addresses == [str(tmp_path / "epoch_1.pth")]
    assert not is_whole(str(tmp_path / "epoch_1.pth"))
    with pytest.raises(CheckpointError, match=r"damaged: manifest\.json is missing"):
        read_sharded(tmp_path / "epoch_1.pth")


@pytest.mark.parametrize("name", ["manifest.json", "content.pth", ".metadata", "__0_0.distcp"])
def test_a_pipe_in_a_folder_is_damage_and_not_waited_for(save: Save, name: str) -> None:
    folder = save()
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert not is_whole(str(folder))
    with pytest.raises(CheckpointError, match="no regular file"):
        read_sharded(folder)


def test_a_folder_of_the_first_format_with_sha256_is_read_and_checked(save: Save) -> None:
    folder = save()
    manifest = folder / "manifest.json"
    said = json.loads(manifest.read_text())
    for name, each in said["files"].items():
        del each["xxh3"]
        each["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    manifest.write_text(
        json.dumps({"format": 1, "files": said["files"], "sha256": _digest_of(said["files"])})
    )
    assert is_whole(str(folder))
    assert read_sharded(folder)["state_dict"]["b"].tolist() == [1.0]
    (folder / "__0_0.distcp").write_bytes((folder / "__0_0.distcp").read_bytes()[:-1] + b"?")
    with pytest.raises(CheckpointError, match="its SHA-256 is"):
        read_sharded(folder)


def test_a_list_of_files_stays_inside_its_folder(save: Save, tmp_path: Path) -> None:
    manifest = save() / "manifest.json"
    said = json.loads(manifest.read_text())
    said["files"]["../x"] = said["files"]["content.pth"]
    said["sha256"] = _digest_of(said["files"])
    manifest.write_text(json.dumps(said))
    with pytest.raises(CheckpointError, match=r"a file outside of the folder: '\.\./x'"):
        read_sharded(manifest.parent)


def test_files_of_another_checkpoint_are_refused(save: Save) -> None:
    one, other = save("epoch_1.pth", 1.0), save("epoch_2.pth", 2.0)
    shutil.copy(other / "__0_0.distcp", one / "__0_0.distcp")
    with pytest.raises(CheckpointError, match="__0_0"):
        read_sharded(one)


def test_a_later_format_is_refused_with_what_to_do(save: Save) -> None:
    manifest = save() / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 2', '"format": 3'))
    with pytest.raises(CheckpointError, match="update engine-runner"):
        read_sharded(manifest.parent)


def test_a_checkpoint_takes_the_place_of_a_folder_and_of_a_file(save: Save, tmp_path: Path) -> None:
    save(number=1.0)
    assert number_in(save(number=2.0)) == 2.0
    file = tmp_path / "epoch_9.pth"
    torch.save({"meta": {}}, file)
    assert number_in(save("epoch_9.pth", 3.0)) == 3.0
    assert names_in(tmp_path) == ["epoch_1.pth", "epoch_9.pth"]


def test_where_names_cannot_be_exchanged_they_follow_each_other(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "plan9")
    save(number=1.0)
    assert number_in(save(number=2.0)) == 2.0
    assert names_in(tmp_path) == ["epoch_1.pth"]


class Stop(BaseException):
    """The process is killed here."""


# What changes names or makes files, in the modules that write a checkpoint.
STEPS = ("os.fsync", "pathlib.Path.rename", "pathlib.Path.mkdir", "shutil.rmtree")


def test_a_writer_killed_at_any_step_leaves_the_old_checkpoint_or_the_new_one(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(number=0.0)
    for stop in range(100):
        left, done = [stop], float(stop + 1)

        def counted(act: Any, left: list[int] = left) -> Any:
            def step(*args: Any, **options: Any) -> Any:
                if not left[0]:
                    raise Stop
                left[0] -= 1
                return act(*args, **options)

            return step

        before = number_in(tmp_path / "epoch_1.pth")
        with monkeypatch.context() as patch:
            for name in STEPS:
                module, _, function = name.rpartition(".")
                owner: Any = {"os": os, "shutil": shutil, "pathlib.Path": Path}[module]
                patch.setattr(owner, function, counted(getattr(owner, function)))
            try:
                save(number=done)
            except Stop:
                assert number_in(tmp_path / "epoch_1.pth") in (before, done)
                assert numbers_in(str(tmp_path), "epoch_{}.pth") == [1]
                continue
        assert names_in(tmp_path) == ["epoch_1.pth"]  # what the killed ones left is gone
        assert stop > 6
        return
    pytest.fail("a save has no end")


def test_a_disk_that_is_full_leaves_the_old_checkpoint(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(number=1.0)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=3))
    with pytest.raises(OSError, match=r"no space left.*epoch_1\.pth"):
        save(number=2.0)
    assert number_in(tmp_path / "epoch_1.pth") == 1.0
    assert names_in(tmp_path) == ["epoch_1.pth"]


def test_a_checkpoint_is_removed_under_another_name(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save()

    def killed(path: Path) -> None:
        (path / "content.pth").unlink()
        raise Stop

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        with pytest.raises(Stop):
            remove_checkpoint(str(folder))
    assert not folder.exists()
    assert resumable(str(tmp_path)).addresses == []
    save()
    remove_checkpoint(str(folder))
    assert names_in(tmp_path) == []
    torch.save({}, folder)
    remove_checkpoint(str(folder))
    remove_checkpoint(str(folder))
    assert names_in(tmp_path) == []


def test_what_a_killed_writer_left_of_another_checkpoint_goes_when_it_is_old(
    save: Save, tmp_path: Path
) -> None:
    old, young = make_draft(tmp_path / "epoch_7.pth"), make_draft(tmp_path / "epoch_8.pth")
    for draft in (old, young):
        write_synced(draft / "__0_0.distcp", b"half")
    for path in (old / "__0_0.distcp", old):
        os.utime(path, (1e9, 1e9))
    save()
    assert not old.exists()
    assert young.exists()
    assert numbers_in(str(tmp_path), "epoch_{}.pth") == [1]


def test_files_and_folders_are_found_newest_first(save: Save, tmp_path: Path) -> None:
    for number in (1, 3):
        save(f"epoch_{number}.pth", number)
    torch.save({"meta": {"iter": 2}}, tmp_path / "epoch_2.pth")
    (tmp_path / "last_checkpoint").write_text(str(tmp_path / "epoch_3.pth"))
    names = [Path(address).name for address in resumable(str(tmp_path)).addresses]
    assert names == ["epoch_3.pth", "epoch_2.pth", "epoch_1.pth"]


def test_a_draft_gets_its_name_with_the_digests_of_its_files(tmp_path: Path) -> None:
    draft = make_draft(tmp_path / "a.pth")
    digest = write_synced(draft / "x", b"abc")
    publish_draft(draft, tmp_path / "a.pth", {"x": digest})
    assert digest.size == 3
    assert digest.xxh3 == "06b05ab6733a618578af5f94892f3950"  # as xxhsum -H2 says
    assert (tmp_path / "a.pth" / "x").read_bytes() == b"abc"
