"""Files in an LMDB database."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import lmdb
import pytest
from fileio_contract import FolderContract
from fileio_processes import add_keys, read_key

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
    with pytest.raises(lmdb.ReadonlyError):
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


def test_reading_first_and_writing_then_is_told(tmp_path: Path) -> None:
    LmdbBackend(tmp_path / "base", readonly=False).put(b"1", "x")
    reader = LmdbBackend(tmp_path / "base")
    assert reader.get("x") == b"1"
    with pytest.raises(PermissionError, match="readonly=False first"):
        LmdbBackend(tmp_path / "base", readonly=False).put(b"2", "x")


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
