"""Files in an LMDB database."""

from __future__ import annotations

import errno
import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import lmdb
import pytest
from fileio_contract import FolderContract
from fileio_processes import add_keys, add_large, read_key
from hypothesis import given, settings
from hypothesis import strategies as st

from engine_fileio import LmdbBackend, get, put


class TestLmdbBackend(FolderContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> LmdbBackend:
        return LmdbBackend(tmp_path / "base", readonly=False)

    @pytest.fixture
    def root(self) -> str:
        return "root"


def test_a_missing_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such database"):
        LmdbBackend(tmp_path / "base").get("x")


def test_what_lmdb_wrote_is_read_and_not_written(tmp_path: Path) -> None:
    with lmdb.open(str(tmp_path / "base")) as base, base.begin(write=True) as transaction:
        transaction.put(b"train/x", b"1")
    store = LmdbBackend(tmp_path / "base")
    assert store.get("train/x") == b"1"
    assert list(store.list_dir_or_file("train")) == ["x"]
    assert list(store.list_dir_or_file("")) == ["train"]
    with pytest.raises(PermissionError, match=r"readonly=False writes.*base"):
        store.put(b"2", "train/x")


def test_a_full_database_grows(tmp_path: Path) -> None:
    store = LmdbBackend(tmp_path / "base", readonly=False, map_size=1_000_000)
    for n in range(5):
        store.put(bytes(700_000), f"{n}")
    assert sorted(store.list_dir_or_file("")) == ["0", "1", "2", "3", "4"]


def test_two_back_ends_share_a_database(tmp_path: Path) -> None:
    one = LmdbBackend(tmp_path / "base", readonly=False)
    two = LmdbBackend(tmp_path / "base", readonly=False)
    one.put(b"x", "x")
    assert two.get("x") == b"x"


def test_many_processes_write(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=add_keys, args=(tmp_path / "base", n)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
        writer.close()
    store = LmdbBackend(tmp_path / "base")
    assert len(list(store.list_dir_or_file("", list_dir=False, recursive=True))) == 150


def test_one_process_writes_and_reads(tmp_path: Path) -> None:
    args = {"backend": "lmdb", "db_path": tmp_path / "base"}
    put(b"1", "x", backend_args={**args, "readonly": False})
    assert get("x", backend_args=args) == b"1"


def test_what_was_read_first_can_be_written_then(tmp_path: Path) -> None:
    LmdbBackend(tmp_path / "base", readonly=False).put(b"1", "x")
    reader = LmdbBackend(tmp_path / "base")
    assert reader.get("x") == b"1"
    writer = LmdbBackend(tmp_path / "base", readonly=False)
    writer.put(b"2", "x")
    assert reader.get("x") == writer.get("x") == b"2"
    for act in (lambda: reader.put(b"3", "x"), lambda: reader.remove("x")):
        with pytest.raises(PermissionError, match="readonly=False"):
            act()
    assert reader.get("x") == b"2"


def test_a_database_is_opened_for_writing_while_threads_read(tmp_path: Path) -> None:
    LmdbBackend(tmp_path / "base", readonly=False).put(bytes(1000), "x")
    readers = [LmdbBackend(tmp_path / "base") for _ in range(4)]
    for reader in readers:
        reader.get("x")

    def read(index: int) -> int:
        return sum(len(readers[index % 4].get("x")) for _ in range(300))

    with ThreadPoolExecutor(5) as pool:
        counts = pool.map(read, range(4))
        for number in range(20):
            LmdbBackend(tmp_path / "base", readonly=False).put(b"1", f"y{number}")
        assert list(counts) == [300_000] * 4
    assert readers[0].get("y19") == b"1"


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be empty"):
        LmdbBackend(tmp_path / "base", readonly=False).put(b"", "")


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="it needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("readonly", [True, False])
def test_a_forked_worker_reads_what_its_parent_has_open(tmp_path: Path, *, readonly: bool) -> None:
    writer = LmdbBackend(tmp_path / "base", readonly=False)
    writer.put(b"1", "x")
    store = LmdbBackend(tmp_path / "base", readonly=readonly)
    del writer
    other = LmdbBackend(tmp_path / "base")
    assert store.get("x") == other.get("x") == b"1"
    context = multiprocessing.get_context("fork")
    for child_reads in (store, other, LmdbBackend(tmp_path / "base"), store):
        worker = context.Process(target=read_key, args=(child_reads, "x", b"1"))
        worker.start()
        worker.join()
        assert worker.exitcode == 0
        assert store.get("x") == other.get("x") == b"1"  # the parent's is untouched


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="it needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_parent_and_its_forked_workers_write_in_turn(tmp_path: Path) -> None:
    store = LmdbBackend(tmp_path / "base", readonly=False)
    store.put(b"1", "x")
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=add_keys, args=(tmp_path / "base", n)) for n in range(2)]
    for worker in workers:
        worker.start()
    for n in range(50):
        store.put(b"p", f"parent/{n}")
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert len(list(store.list_dir_or_file("", list_dir=False, recursive=True))) == 151


def test_a_database_grows_while_many_threads_write(tmp_path: Path) -> None:
    store = LmdbBackend(tmp_path / "base", readonly=False, map_size=1 << 20)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.put(bytes(50_000), f"{n}"), range(100)))
    assert len(list(store.list_dir_or_file(""))) == 100


@contextmanager
def reading(store: LmdbBackend, key: str) -> Iterator[list[BaseException]]:
    """Read in threads until the block ends; what went wrong with them."""
    done, errors = threading.Event(), []

    def read() -> None:
        try:
            while not done.is_set():
                store.get(key)
                list(store.list_dir_or_file(""))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield errors
    finally:
        done.set()
        for thread in threads:
            thread.join()


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="it needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_worker_forked_while_threads_read_opens_the_database_itself(tmp_path: Path) -> None:
    store = LmdbBackend(tmp_path / "base", readonly=False)
    for n in range(100):
        store.put(bytes(100_000), f"{n}")
    context = multiprocessing.get_context("fork")
    with reading(store, "7") as errors:
        for _ in range(8):
            worker = context.Process(target=read_key, args=(store, "7", bytes(100_000)))
            worker.start()
            worker.join(20)
            hangs = worker.exitcode is None
            worker.kill()
            worker.join()
            assert not hangs
            assert worker.exitcode == 0
    assert errors == []


def test_a_database_grows_while_threads_read(tmp_path: Path) -> None:
    store = LmdbBackend(tmp_path / "base", readonly=False, map_size=1 << 20)
    store.put(b"1", "x")
    with reading(store, "x") as errors:
        for n in range(12):
            store.put(bytes(1_000_000), f"{n}")
    assert errors == []


@pytest.mark.parametrize("readonly", [True, False])
def test_a_database_that_another_process_made_larger_is_read_on(
    tmp_path: Path, *, readonly: bool
) -> None:
    LmdbBackend(tmp_path / "base", readonly=False, map_size=1 << 20).put(b"1", "x")
    store = LmdbBackend(tmp_path / "base", readonly=readonly)
    assert store.get("x") == b"1"
    writer = multiprocessing.get_context("spawn").Process(
        target=add_large, args=(tmp_path / "base",)
    )
    writer.start()
    writer.join()
    assert writer.exitcode == 0
    assert store.get("x") == b"1"
    assert store.get("large/19") == bytes(500_000)
    assert len(list(store.list_dir_or_file("large"))) == 20
    if not readonly:
        store.put(b"2", "x")
        assert store.get("x") == b"2"


KEYS = ["/abs", "a\\b", "dir/", "dir/x", "/x/y", "a//b", "x", "n" * 511]


def test_keys_of_other_tools_are_found_listed_and_removed(tmp_path: Path) -> None:
    keys = {*(key.encode() for key in KEYS), b"\xff\xfe.jpg", b"latin/\xe4"}
    with lmdb.open(str(tmp_path / "base")) as base, base.begin(write=True) as transaction:
        for key in keys:
            transaction.put(key, b"it is " + key)
    store = LmdbBackend(tmp_path / "base", readonly=False)
    for key in keys:
        name = os.fsdecode(key)
        assert store.get(name) == b"it is " + key
        assert store.isfile(name)
    found = set(store.list_dir_or_file("", list_dir=False, recursive=True))
    assert {os.fsencode(name) for name in found} == keys - {b"dir/"}
    assert {"/abs", "/x", "dir", "a", "x"} <= set(store.list_dir_or_file(""))
    assert list(store.list_dir_or_file("/x")) == ["y"]
    assert store.isdir("dir")
    store.put(b"new", "/abs")
    assert store.get("/abs") == b"new"
    for key in keys:
        store.remove(os.fsdecode(key))
    assert not store.isdir("")


@settings(max_examples=30)
@given(
    st.sets(
        st.text("a/\\.%é", min_size=1, max_size=6).map(str.encode)
        | st.binary(min_size=1, max_size=8),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_is_listed_has_the_bytes_of_its_key(keys: set[bytes]) -> None:
    with TemporaryDirectory() as folder:
        with lmdb.open(folder) as base, base.begin(write=True) as transaction:
            for key in keys:
                transaction.put(key, b"it is " + key)
        store = LmdbBackend(folder)
        found = list(store.list_dir_or_file("", list_dir=False, recursive=True))
        assert set(found) == {
            key.decode("utf-8", "surrogateescape") for key in keys if not key.endswith(b"/")
        }
        for name in found:
            assert store.get(name) == b"it is " + name.encode("utf-8", "surrogateescape")


def test_a_key_longer_than_lmdb_allows_is_told(tmp_path: Path) -> None:
    store = LmdbBackend(tmp_path / "base", readonly=False)
    store.put(b"", "x")
    with pytest.raises(OSError, match="511 bytes at most, this one has 600") as caught:
        store.put(b"", "n" * 600)
    assert caught.value.errno == errno.ENAMETOOLONG
    with pytest.raises(FileNotFoundError, match="nnn"):
        store.get("n" * 600)
    assert not store.exists("n" * 600)


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "data.mdb").write_bytes(b"no database" * 1000)
    with pytest.raises(OSError, match=r"LMDB: .*base"):
        LmdbBackend(tmp_path / "base").get("x")


def test_the_open_database_has_mmengines_name(tmp_path: Path) -> None:
    store = LmdbBackend(tmp_path / "base", readonly=False)
    store.put(b"1", "x")
    with store._client.begin() as transaction:
        assert transaction.get(b"x") == b"1"
