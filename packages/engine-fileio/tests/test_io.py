"""The functions that people call."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import engine_fileio as fileio
from engine_fileio import MemoryBackend, register_backend
from engine_fileio.backends import backends
from engine_fileio.errors import UnsupportedError


def test_every_function_reaches_its_back_end(tmp_path: Path) -> None:
    local, remote = tmp_path / "local", "memory://io"
    fileio.put(b"1", f"{remote}/a.bin")
    fileio.put_text("zwei", f"{remote}/sub/b.txt")
    assert fileio.get(f"{remote}/a.bin") == b"1"
    assert fileio.get_text(f"{remote}/sub/b.txt") == "zwei"
    assert fileio.exists(remote)
    assert fileio.isdir(f"{remote}/sub")
    assert fileio.isfile(f"{remote}/a.bin")
    assert fileio.join_path(remote, "sub", "b.txt") == f"{remote}/sub/b.txt"
    assert sorted(fileio.list_dir_or_file(remote, recursive=True)) == ["a.bin", "sub", "sub/b.txt"]
    assert fileio.copyfile_to_local(f"{remote}/a.bin", local / "a.bin") == local / "a.bin"
    assert fileio.copytree_to_local(remote, local) == local
    assert fileio.copyfile_from_local(local / "a.bin", f"{remote}/c") == f"{remote}/c"
    assert fileio.copytree_from_local(local, f"{remote}/tree") == f"{remote}/tree"
    assert fileio.copyfile(f"{remote}/c", f"{remote}/d") == f"{remote}/d"
    assert fileio.copytree(f"{remote}/tree", f"{remote}/tree2") == f"{remote}/tree2"
    assert fileio.copy_if_symlink_fails(f"{remote}/c", f"{remote}/e") is False
    with fileio.get_local_path(f"{remote}/e") as path:
        assert Path(path).read_bytes() == b"1"
    assert not Path(path).exists()
    fileio.remove(f"{remote}/e")
    fileio.rmtree(remote)
    assert not fileio.exists(remote)
    with pytest.raises(UnsupportedError, match="generate_presigned_url"):
        fileio.generate_presigned_url(f"{remote}/a.bin")


def test_overwrite_and_progress_are_passed_on(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    fileio.put(b"1", tmp_path / "x", overwrite=False)
    with pytest.raises(FileExistsError):
        fileio.put(b"2", tmp_path / "x", overwrite=False)
    fileio.copyfile_from_local(tmp_path / "x", "memory://p/x", progress=lambda *at: told.append(at))
    fileio.copyfile_to_local("memory://p/x", tmp_path / "y", progress=lambda *at: told.append(at))
    assert told == [(1, 1), (1, 1)]


def test_a_copy_between_stores_is_refused_with_advice(tmp_path: Path) -> None:
    for copy in (fileio.copyfile, fileio.copytree):
        with pytest.raises(ValueError, match="different stores: use copyfile_to_local"):
            copy("memory://x", str(tmp_path))


def test_many_files_come_in_order_and_in_bounded_number() -> None:
    for n in range(100):
        fileio.put(b"%d" % n, f"memory://many/{n}")
    asked = 0

    def paths() -> object:
        nonlocal asked
        for n in range(100):
            asked += 1
            yield f"memory://many/{n}"

    answers = fileio.get_many(paths(), workers=4)  # type: ignore[arg-type]
    assert next(answers) == b"0"
    assert asked <= 10
    assert [int(data) for data in answers] == list(range(1, 100))


@pytest.mark.parametrize("workers", [1, 4])
def test_the_error_of_many_names_its_path(workers: int) -> None:
    fileio.put(b"", "memory://named/0")
    paths = ["memory://named/0", "memory://named/gone", "memory://named/0"]
    answers = fileio.get_many(paths, workers=workers)
    assert next(answers) == b""
    with pytest.raises(FileNotFoundError, match="memory://named/gone"):
        next(answers)


def test_many_need_a_worker() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        fileio.get_many([], workers=0)


def test_importing_imports_nothing_that_is_slow() -> None:
    code = (
        "import sys, engine_fileio\n"
        "slow = {'boto3', 'botocore', 'fsspec', 'lmdb', 'numpy', 'pymemcache', 'torch',"
        " 'urllib3', 'yaml', 'http.client', 'logging', 'inspect'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("get('s3://b/x')", "engine-fileio[s3]"),
        ("LmdbBackend('x')", "engine-fileio[lmdb]"),
        ("MemcachedBackend('h', None)", "engine-fileio[memcached]"),
        ("FsspecBackend()", "engine-fileio[fsspec]"),
        ("get('gs://b/x')", "engine-fileio[fsspec]"),
        ("dump({}, file_format='json.zst')", "engine-fileio[zst]"),
    ],
)
def test_a_missing_package_is_told_with_its_command(code: str, command: str) -> None:
    hide = (
        "import sys\n"
        "for name in ('boto3', 'lmdb', 'pymemcache', 'fsspec', 'zstandard', 'compression.zstd'):\n"
        "    sys.modules[name] = None\n"
        "from engine_fileio import *\n"
        f"try:\n    {code}\nexcept (ImportError, KeyError) as error:\n    print(error)"
    )
    ran = subprocess.run([sys.executable, "-c", hide], capture_output=True, text=True, check=True)
    assert f"pip install '{command}'" in ran.stdout


def test_many_files_are_written_looked_for_and_read(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    files = [(f"memory://many/{n}", str(n).encode()) for n in range(50)]
    assert fileio.put_many(files, progress=lambda *at: told.append(at)) == 50
    assert told == [(n, None) for n in range(1, 51)]
    paths = [path for path, _ in files]
    assert list(fileio.get_many(paths)) == [data for _, data in files]
    assert list(fileio.exists_many([paths[0], "memory://many/x", "memory://many"])) == [
        True,
        False,
        True,
    ]
    assert fileio.put_many([]) == 0


def test_the_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file") as caught:
        fileio.put_many([(tmp_path / "a", b"1"), (tmp_path / "file" / "b", b"2")], workers=1)
    assert (tmp_path / "a").read_bytes() == b"1"
    assert str(tmp_path) in str(caught.value) + str(getattr(caught.value, "__notes__", ""))


def test_ten_thousand_files_are_read_and_written_in_bounded_memory() -> None:
    size, count, workers = 10_000, 10_000, 8
    read = 0

    def files() -> Iterator[tuple[str, bytes]]:
        for n in range(count):
            yield f"sink://{n}", n.to_bytes(4, "big") * (size // 4)

    tracemalloc.start()
    try:
        assert fileio.put_many(files(), workers=workers, backend_args={"backend": "sink"}) == count
        paths = (f"sink://{n}" for n in range(count))
        for data in fileio.get_many(paths, workers=workers, backend_args={"backend": "sink"}):
            read += len(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert read == size * count
    assert peak < 5_000_000  # of 100 MB each way


@pytest.fixture(autouse=True)
def _sink() -> None:
    class Sink(fileio.BaseStorageBackend):
        """Forgets what is written, and makes up what is read."""

        def put(self, obj: object, filepath: object, *, overwrite: bool = True) -> None:
            pass

        def get(self, filepath: object) -> bytes:
            return bytes(10_000)

    fileio.register_backend("sink", Sink, force=True)


def test_one_condition_at_a_time(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="give one of them"):
        fileio.put(b"", tmp_path / "x", if_match="v", if_none_match=True)
    fileio.put(b"1", tmp_path / "x", if_none_match=True)
    with pytest.raises(FileExistsError, match="its version is"):
        fileio.put(b"2", tmp_path / "x", if_none_match=True)
    version = fileio.info(tmp_path / "x").version
    fileio.put(b"2", tmp_path / "x", if_match=version)
    assert fileio.get(tmp_path / "x") == b"2"
    assert fileio.info(tmp_path / "x").size == 1


@pytest.mark.parametrize("workers", [1, 2, 16])
def test_of_the_same_address_twice_the_last_one_stays(tmp_path: Path, workers: int) -> None:
    order: list[bytes] = []

    class Slow(MemoryBackend):
        """The more bytes, the longer it takes: who comes first would end last."""

        def put(self, obj: Any, filepath: Any, *, overwrite: bool = True) -> None:
            for _ in range(len(obj)):
                super().put(obj, f"{filepath}.draft")
            super().put(obj, filepath, overwrite=overwrite)
            order.append(bytes(obj))

    register_backend("slow", Slow, force=True)
    try:
        files = [(f"memory://twice/{n % 3}", b"x" * (2000 - n)) for n in range(60)]
        written = fileio.put_many(iter(files), workers=workers, backend_args={"backend": "slow"})
        assert written == 60
        for n in range(3):
            assert fileio.get(f"memory://twice/{n}") == files[57 + n][1]
            own = [data for path, data in files if path.endswith(f"/{n}")]
            assert [data for data in order if data in own] == own
    finally:
        del backends["slow"]


def test_an_error_ends_those_who_wait_for_their_turn() -> None:
    files = [("memory://turn/x", b"1"), ("http://127.0.0.1:1/x", b""), ("memory://turn/x", b"2")]
    with pytest.raises(UnsupportedError):
        fileio.put_many(files * 10, workers=4)


def test_a_path_and_a_file_address_are_one_store(tmp_path: Path) -> None:
    (tmp_path / "a b").write_bytes(b"x")
    source = (tmp_path / "a b").as_uri()
    assert fileio.copyfile(source, str(tmp_path / "c")) == str(tmp_path / "c")
    assert fileio.copyfile(str(tmp_path / "c"), (tmp_path / "d").as_uri()) == str(tmp_path / "d")
    assert not fileio.copy_if_symlink_fails(str(tmp_path / "c"), (tmp_path / "d").as_uri())
    (tmp_path / "folder").mkdir()
    assert fileio.copyfile(source, tmp_path / "folder") == str(tmp_path / "folder" / "a b")
    assert (tmp_path / "d").read_bytes() == (tmp_path / "folder" / "a b").read_bytes() == b"x"


@pytest.mark.parametrize("act", [fileio.copyfile, fileio.copytree, fileio.copy_if_symlink_fails])
def test_two_stores_are_told_apart_without_their_secrets(
    tmp_path: Path, act: Callable[[str, str], object]
) -> None:
    with pytest.raises(ValueError, match="are in different stores") as caught:
        act(str(tmp_path), "http://user:canary@host/x?token=canary")
    assert "canary" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_put_many_knows_a_file_however_it_is_spelt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d").mkdir()
    Path("link").symlink_to("d")
    there = tmp_path.as_posix()
    spelt = ["d/x", "./d/x", "d//x", "d/../d/x", f"file://{there}/d/x", Path("d/x"), "link/x"]
    assert len({fileio.get_file_backend(one).identity(one) for one in spelt}) == 1
    for round_ in range(10):
        files = [(one, bytes([n]) * (100_000 // (n + 1))) for n, one in enumerate(spelt)]
        assert fileio.put_many(files[round_ % 7 :] + files[: round_ % 7]) == 7
        assert fileio.get("d/x")[:1] == bytes([(round_ - 1) % 7])
    for one, other in (("memory://a/b", "memory:///a/b/"), ("memory://a", "memory://a/")):
        store = fileio.get_file_backend(one)
        assert store.identity(one) == store.identity(other)
