"""Local files appear whole or not at all."""

from __future__ import annotations

import errno
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fileio_processes import overwrite

from engine_fileio.atomic import atomic_file, clear_drafts, temporary_name, write_bytes

FULL_DISK = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
from engine_fileio import put
try:
    put(bytes(5_000_000), sys.argv[1])
except OSError as error:
    print(error.errno, error.filename)
"""


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a" / "b" / "c", b"x")
    assert (tmp_path / "a" / "b" / "c").read_bytes() == b"x"


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_bytes(tmp_path / "x", b"old")
    with pytest.raises(RuntimeError, match="half-way"), atomic_file(tmp_path / "x") as file:
        file.write(b"new")
        raise RuntimeError("half-way")
    assert (tmp_path / "x").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x"]  # noqa: PTH208


@pytest.mark.parametrize("kind", [FileExistsError, NotADirectoryError])
@pytest.mark.parametrize("name", ["x/b", "x/a/b"])
def test_where_a_file_is_no_folder_is_made(tmp_path: Path, name: str, kind: type[OSError]) -> None:
    write_bytes(tmp_path / "x", b"old")
    with pytest.raises(kind, match="a file, not a folder") as told:
        write_bytes(tmp_path / name, b"new")
    assert told.value.filename == str((tmp_path / name).parent)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot limit a file's size")
def test_a_full_disk_is_told_and_leaves_the_old_file(tmp_path: Path) -> None:
    write_bytes(tmp_path / "x", b"old")
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "x")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout.split() == [str(errno.EFBIG), str(tmp_path / "x")]
    assert (tmp_path / "x").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such bits")
def test_a_new_file_has_what_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such bits")
def test_an_old_file_keeps_its_bits(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    (tmp_path / "x").chmod(0o600)
    write_bytes(tmp_path / "x", b"new")
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o600


def test_a_link_is_written_through(tmp_path: Path) -> None:
    write_bytes(tmp_path / "real", b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev")
def test_a_device_is_written_directly() -> None:
    write_bytes("/dev/null", b"x")
    assert Path("/dev/null").is_char_device()


def test_overwrite_false_takes_a_free_name_only(tmp_path: Path) -> None:
    write_bytes(tmp_path / "x", b"1", overwrite=False)
    with pytest.raises(FileExistsError, match="overwrite is False"):
        write_bytes(tmp_path / "x", b"2", overwrite=False)
    assert (tmp_path / "x").read_bytes() == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_who_was_quicker_keeps_the_name(tmp_path: Path) -> None:
    with (
        pytest.raises(FileExistsError, match="overwrite is False"),
        atomic_file(tmp_path / "x", overwrite=False) as file,
    ):
        file.write(b"late")
        (tmp_path / "x").write_bytes(b"quick")
    assert (tmp_path / "x").read_bytes() == b"quick"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    write_bytes(tmp_path / ("n" * 255), b"x")
    assert (tmp_path / ("n" * 255)).read_bytes() == b"x"


@pytest.mark.parametrize("method", ["spawn", *(["fork"] if os.name != "nt" else [])])
def test_of_many_processes_one_wins_whole(tmp_path: Path, method: str) -> None:
    context = multiprocessing.get_context(method)
    overwrite(tmp_path / "x", 0)
    writers = [context.Process(target=overwrite, args=(tmp_path / "x", n)) for n in (1, 2, 3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        data = (tmp_path / "x").read_bytes()
        assert len(data) == 100_000 + data[0]
        assert data.count(data[:1]) == len(data)
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
        writer.close()
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_what_a_killed_writer_left_is_cleared_when_it_is_old(tmp_path: Path) -> None:
    old, young = (temporary_name(tmp_path / "epoch_1.pth") for _ in range(2))
    other = tmp_path / ".other.part"
    for path in (old, young, other):
        path.write_bytes(b"x")
    for path in (old, other):
        os.utime(path, (0, 0))
    assert clear_drafts(tmp_path) == [old.name]
    assert sorted(tmp_path.iterdir()) == sorted([young, other])
    assert clear_drafts(tmp_path / "nowhere") == []
