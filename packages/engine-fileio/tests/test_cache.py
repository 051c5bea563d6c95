"""Remote files kept on this machine."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from fileio_contract import MB, FolderContract
from fileio_processes import die_while_fetching, use_cache
from fileio_servers import FileServer, connect, new_bucket

from engine_fileio import (
    FsspecBackend,
    HTTPBackend,
    MemcachedBackend,
    MemoryBackend,
    get,
    get_file_backend,
    get_local_path,
)
from engine_fileio.backends.cached import CachedBackend
from engine_fileio.cache import FileCache
from engine_fileio.errors import UnreachableError


class TestCachedBackend(FolderContract):
    """A cache in front of a back-end is as good as the back-end."""

    peak = 220 * MB  # the back-end keeps the file in memory
    versioned = True

    @pytest.fixture
    def store(self, tmp_path: Path) -> CachedBackend:
        return CachedBackend(MemoryBackend(), tmp_path / "cache")

    @pytest.fixture
    def root(self) -> str:
        return f"memory://{uuid4().hex}"


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "files").rglob("*") if path.is_file())


def test_a_file_is_fetched_once(files: FileServer, tmp_path: Path) -> None:
    files.files["x"] = b"data"
    args = {"cache_dir": tmp_path / "cache", "backend": "http"}
    for _ in range(3):
        assert get(f"{files.url}/x", backend_args=args) == b"data"
    methods = [method for method, *_ in files.requests]
    assert methods == ["HEAD", "GET", "HEAD", "HEAD"]


def test_a_file_that_changed_is_fetched_again(files: FileServer, tmp_path: Path) -> None:
    store = CachedBackend(HTTPBackend(), tmp_path)
    files.files["x"] = b"old"
    assert store.get(f"{files.url}/x") == b"old"
    files.files["x"] = b"new"
    assert store.get(f"{files.url}/x") == b"new"
    store.close()


def test_a_body_is_kept_under_the_version_that_came_with_it(
    files: FileServer, tmp_path: Path
) -> None:
    store = CachedBackend(HTTPBackend(), tmp_path)
    for body in (b"new", b"newer"):
        files.files["x"] = b"old"
        files.changes["x"] = {"GET": body, "HEAD": b"old"}
        assert store.get(f"{files.url}/x") == body
        with store.get_local_path(f"{files.url}/x") as path:
            assert Path(path).read_bytes() == body
    assert kept(tmp_path) == []
    files.changes.clear()
    assert store.get(f"{files.url}/x") == b"old"
    store.close()


def test_an_object_is_kept_under_the_version_that_came_with_it(moto: str, tmp_path: Path) -> None:
    inner = connect(moto)
    address = f"s3://{new_bucket(moto)}/x"
    inner.put(b"one", address)
    before = inner.info(address)
    inner.put(b"another", address)
    assert inner.fetch(address, tmp_path / "x") == inner.info(address) != before
    inner.close()


def test_other_headers_are_another_entry(files: FileServer, tmp_path: Path) -> None:
    stores = [
        CachedBackend(HTTPBackend(headers=headers), tmp_path)
        for headers in ({}, {"Authorization": "one"}, {"authorization": "two"}, {"Accept": "a/b"})
    ]
    files.extra = {"ETag": '"the same for all"'}
    for n, store in enumerate(stores):
        files.files["x"] = b"%d" % n
        assert store.get(f"{files.url}/x") == b"%d" % n
    for n, store in enumerate(stores):
        assert store.get(f"{files.url}/x") == b"%d" % n
        store.close()


def test_other_mappings_are_another_entry(moto: str, tmp_path: Path) -> None:
    bucket = new_bucket(moto)
    inner = [connect(moto, path_mapping={"data/": f"s3://{bucket}/{n}/"}) for n in range(2)]
    for n, store in enumerate(inner):
        store.put(b"%d" % n, "data/x")
        cached = CachedBackend(store, tmp_path, offline=True)
        assert cached.get("data/x") == b"%d" % n
    assert inner[0].place != inner[1].place
    for store in inner:
        store.close()


@pytest.mark.parametrize("faults", [["503"], ["", "503"], ["", "drop:2", "503"]])
def test_a_broken_download_falls_back_on_what_is_kept(
    files: FileServer, tmp_path: Path, faults: list[str]
) -> None:
    args = {"backend": "http", "cache_dir": tmp_path, "offline": True, "retries": 0}
    address = f"{files.url}/x"
    files.files["x"] = b"kept"
    assert get(address, args) == b"kept"
    files.files["x"] = b"newer"
    files.faults["x"] = [*faults]
    with pytest.warns(RuntimeWarning, match="going on with what was fetched before"):
        assert get(address, args) == b"kept"
    files.faults["x"] = [*faults]
    with (
        pytest.warns(RuntimeWarning, match="fetched before"),
        get_local_path(address, args) as path,
    ):
        assert Path(path).read_bytes() == b"kept"
    assert get(address, args) == b"newer"
    get_file_backend(address, backend_args=args, enable_singleton=True).close()


def test_a_broken_download_is_an_error_where_nothing_whole_is_kept(
    files: FileServer, tmp_path: Path
) -> None:
    store = CachedBackend(HTTPBackend(retries=0), tmp_path, offline=True)
    files.files["x"] = b"data"
    files.faults["x"] = ["", "drop:2", "503"]
    with pytest.raises(UnreachableError):
        store.get(f"{files.url}/x")
    assert store.get(f"{files.url}/x") == b"data"
    (place,) = kept(tmp_path)
    place.chmod(0o644)
    place.write_bytes(b"dats")
    files.faults["x"] = ["503"]
    with pytest.raises(UnreachableError, match="503"):
        store.get(f"{files.url}/x")
    online = CachedBackend(HTTPBackend(retries=0), tmp_path)
    assert online.get(f"{files.url}/x") == b"data"
    files.faults["x"] = ["503"]
    with pytest.raises(UnreachableError, match="503"):
        online.get(f"{files.url}/x")
    store.close()
    online.close()


def test_offline_wants_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cache_dir"):
        get("http://127.0.0.1:1/x", {"offline": True})


@pytest.mark.parametrize("damage", [b"dats", b"", b"data and more"])
def test_what_the_disk_has_damaged_is_fetched_again(
    files: FileServer, tmp_path: Path, damage: bytes
) -> None:
    store = CachedBackend(HTTPBackend(), tmp_path)
    files.files["x"] = b"data"
    assert store.get(f"{files.url}/x") == b"data"
    (place,) = kept(tmp_path)
    place.chmod(0o644)
    place.write_bytes(damage)
    assert store.get(f"{files.url}/x") == b"data"
    with store.get_local_path(f"{files.url}/x") as path:
        assert Path(path).read_bytes() == b"data"
    store.close()


def damaged(path: Path, how: str) -> None:
    """Put something else in the place of a file or folder of the cache."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    if how == "folder":
        (path / "inside").mkdir(parents=True)
    elif how != "gone":
        path.write_bytes({"empty": b"", "bytes": b"\xff\xfe\x00", "words": b"some words"}[how])


@pytest.mark.parametrize("how", ["empty", "bytes", "words", "folder", "gone"])
@pytest.mark.parametrize("offline", [True, False])
def test_whatever_is_wrong_in_the_cache_the_file_is_fetched_again(
    files: FileServer, tmp_path: Path, how: str, *, offline: bool
) -> None:
    files.files["x"] = b"data"
    store = CachedBackend(HTTPBackend(retries=0), tmp_path, offline=offline, cache_size=10_000)
    assert store.get(f"{files.url}/x") == b"data"
    for place in sorted(tmp_path.rglob("*")):
        if not place.exists():
            continue  # it went with its folder
        damaged(place, how)
        files.faults["x"] = ["503"] if place.parts[-3] == "seen" and offline else []
        if files.faults["x"]:
            with pytest.raises(UnreachableError):  # nothing is known to be kept
                store.get(f"{files.url}/x")
        assert store.get(f"{files.url}/x") == b"data", place
        count = len(files.requests)
        assert store.get(f"{files.url}/x") == b"data", place
        assert [method for method, *_ in files.requests[count:]] == ["HEAD"], place
        if offline:
            files.faults["x"] = ["503"]
            with pytest.warns(RuntimeWarning, match="fetched before"):
                assert store.get(f"{files.url}/x") == b"data", place
    store.close()


def test_a_file_without_a_version_is_not_kept(files: FileServer, tmp_path: Path) -> None:
    files.extra = {"ETag": ""}
    files.files["x"] = b"data"
    store = CachedBackend(HTTPBackend(), tmp_path / "cache")
    for _ in range(2):
        assert store.get(f"{files.url}/x") == b"data"
        with store.get_local_path(f"{files.url}/x") as path:
            assert Path(path).read_bytes() == b"data"
    assert kept(tmp_path / "cache") == []
    store.close()


def test_two_services_with_one_address_are_told_apart(
    moto: str, rclone: str, tmp_path: Path
) -> None:
    bucket = new_bucket(moto)
    new_bucket(rclone, bucket)
    inner = [connect(moto), connect(rclone)]
    stores = [CachedBackend(store, tmp_path) for store in inner]
    for store in stores:
        store.put(b"same", f"s3://{bucket}/x")
        assert store.get(f"s3://{bucket}/x") == b"same"
    assert len(kept(tmp_path)) == 2
    for store in inner:
        store.close()


def test_a_missing_file_is_missing(files: FileServer, tmp_path: Path) -> None:
    store = CachedBackend(HTTPBackend(), tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        store.get(f"{files.url}/nowhere")
    store.close()


def _fill(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def read(cache: FileCache, name: str, data: bytes) -> bytes:
    return cache.read(name, len(data), lambda path: _fill(path, data))


def test_what_was_used_least_recently_goes(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, limit=10_000)
    for n in range(9):
        read(cache, f"key{n}", bytes(1000))
        os.utime(tmp_path / "files" / "ke" / f"key{n}", (n, n))  # used a second apart, long ago
    read(cache, "key0", bytes(1000))  # used now
    for n in range(9, 12):
        read(cache, f"key{n}", bytes(1000))
    names = {path.name for path in kept(tmp_path)}
    assert "key0" in names
    assert "key1" not in names
    assert "key11" in names
    assert sum(path.stat().st_size for path in kept(tmp_path)) <= 10_000


def test_a_file_larger_than_the_cache_is_read_all_the_same(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, limit=1000)
    assert read(cache, "large", bytes(5000)) == bytes(5000)
    assert kept(tmp_path) == []


def test_a_borrowed_file_outlives_its_removal(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, limit=1000)
    with cache.borrow("key1", 900, lambda path: _fill(path, bytes(900)), name="a.x") as path:
        read(cache, "key2", bytes(900))
        assert [one.name for one in kept(tmp_path)] == ["key2"]
        assert path.name == "a.x"
        assert path.read_bytes() == bytes(900)
    assert not path.exists()
    assert list((tmp_path / "lent").iterdir()) == []


def test_a_damaged_file_is_fetched_again(tmp_path: Path) -> None:
    cache = FileCache(tmp_path)
    read(cache, "key", b"whole")
    (one,) = kept(tmp_path)
    one.chmod(0o644)
    one.write_bytes(b"half")
    assert read(cache, "key", b"whole") == b"whole"


def test_a_failed_fetch_keeps_nothing(tmp_path: Path) -> None:
    cache = FileCache(tmp_path)

    def fail(path: Path) -> None:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        cache.read("key", 1, fail)
    assert kept(tmp_path) == []
    assert read(cache, "key", b"x") == b"x"


@pytest.mark.skipif(os.name == "nt", reason="Windows could not remove such a file")
def test_a_borrower_may_not_write(tmp_path: Path) -> None:
    cache = FileCache(tmp_path)
    read(cache, "key", b"x")
    (one,) = kept(tmp_path)
    assert one.stat().st_mode & 0o222 == 0


def test_of_many_threads_one_fetches(tmp_path: Path) -> None:
    cache, fetched, begun = FileCache(tmp_path), [], threading.Event()

    def fetch(path: Path) -> None:
        fetched.append(path)
        begun.wait(5)
        path.write_bytes(b"data")

    answers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: answers.append(cache.read("key", 4, fetch)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    begun.set()
    for thread in threads:
        thread.join()
    assert answers == [b"data"] * 8
    assert len(fetched) == 1


def test_many_processes_share_a_small_cache(files: FileServer, tmp_path: Path) -> None:
    for n in range(20):
        files.files[str(n)] = bytes([n]) * 50_000
    context = multiprocessing.get_context("spawn")
    users = [context.Process(target=use_cache, args=(tmp_path, files.url, n)) for n in (1, 3, 7)]
    for user in users:
        user.start()
    for user in users:
        user.join()
        assert user.exitcode == 0
        user.close()
    total = sum(path.stat().st_size for path in kept(tmp_path))
    assert total <= 400_000 + 3 * 50_000
    assert list((tmp_path / "lent").iterdir()) == []


def test_a_process_that_died_while_fetching_blocks_nobody(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    child = context.Process(target=die_while_fetching, args=(tmp_path, begun))
    child.start()
    assert begun.wait(30)
    child.kill()
    child.join()
    assert read(FileCache(tmp_path), "key", b"data") == b"data"


def test_a_limit_must_be_above_zero(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="above 0"):
        FileCache(tmp_path, limit=0)


FULL_DISK = """
import resource, signal, sys, warnings
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
from engine_fileio import get
with warnings.catch_warnings(record=True) as warned:
    data = get(sys.argv[1], backend_args={"backend": "http", "cache_dir": sys.argv[2]})
print(len(data), [str(one.message)[:8] for one in warned])
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot limit a file's size")
def test_what_there_is_no_room_for_is_read_all_the_same(files: FileServer, tmp_path: Path) -> None:
    files.files["x"] = bytes(2_000_000)
    command = [sys.executable, "-c", FULL_DISK, f"{files.url}/x", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout == "2000000 ['not kept']\n"
    assert kept(tmp_path) == []
    assert list((tmp_path / "lent").iterdir()) == []


def test_what_fsspec_reads_is_kept_too(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"one")
    store = CachedBackend(FsspecBackend(), tmp_path / "cache")
    address = f"local://{(tmp_path / 'x').as_posix()}"
    assert store.get(address) == store.get(address) == b"one"
    assert len(kept(tmp_path / "cache")) == 1
    (tmp_path / "x").write_bytes(b"other")
    assert store.get(address) == b"other"


def test_what_has_no_version_is_read_through(tmp_path: Path, memcached: str) -> None:
    inner = MemcachedBackend(memcached, None)
    store = CachedBackend(inner, tmp_path)
    store.put(b"x", "versionless")
    assert store.get("versionless") == b"x"
    store.close()
