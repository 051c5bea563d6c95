"""Objects of two S3 services: moto's and rclone's."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tracemalloc
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from fileio_contract import FolderContract, Seed
from fileio_processes import read_once
from fileio_servers import (
    FaultyProxy,
    FileServer,
    Listing,
    connect,
    free_port,
    new_bucket,
    threaded,
)

from engine_fileio import BaseStorageBackend, HTTPBackend, S3Backend
from engine_fileio.errors import RemoteError, UnreachableError
from engine_fileio.s3.pace import MiB
from engine_fileio.transfer import ordered_map


@pytest.fixture(scope="module")
def moto_bucket(moto: str) -> str:
    return new_bucket(moto)


@pytest.fixture(scope="module")
def rclone_bucket(rclone: str) -> str:
    return new_bucket(rclone)


class TestMoto(FolderContract):
    versioned = True
    renewed = False  # an entity tag is a digest of the bytes
    looks_first = True
    without = ("two\nlines.bin",)  # moto matches addresses by patterns that end at a newline

    @pytest.fixture
    def store(self, moto: str) -> Iterator[S3Backend]:
        store = connect(moto)
        yield store
        store.close()

    @pytest.fixture
    def root(self, moto_bucket: str) -> str:
        return f"s3://{moto_bucket}/{uuid4().hex}"


class TestRclone(FolderContract):
    versioned = True
    renewed = False  # an entity tag is a digest of the bytes
    exclusive = False

    @pytest.fixture
    def store(self, rclone: str) -> Iterator[S3Backend]:
        store = connect(rclone)
        yield store
        store.close()

    @pytest.fixture
    def root(self, rclone_bucket: str) -> str:
        return f"s3://{rclone_bucket}/{uuid4().hex}"

    def test_of_concurrent_writers_one_wins_whole(
        self, store: BaseStorageBackend, seed: Seed, root: str
    ) -> None:
        """This server mixes what is written to one address at once: here each has its own."""
        written = {store.join_path(root, str(n)): bytes([n]) * (200_000 + n) for n in range(8)}
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda one: store.put(one[1], one[0]), written.items()))
        assert {address: store.get(address) for address in written} == written


@pytest.fixture
def proxy(moto: str) -> Iterator[tuple[FaultyProxy, str]]:
    """Something between us and moto that fails on demand, and its URL."""
    server = FaultyProxy(moto)
    with threaded(server) as url:
        yield server, url


@pytest.fixture
def moto_store(moto: str) -> Iterator[S3Backend]:
    store = connect(moto, part_size=5 * MiB)
    yield store
    store.close()


@pytest.fixture
def folder(moto_bucket: str) -> str:
    return f"s3://{moto_bucket}/{uuid4().hex}"


def test_a_large_object_is_read_in_parallel_ranges(moto_store: S3Backend, folder: str) -> None:
    data = bytes(range(251)) * 100_000  # 25 MB
    moto_store.put(data, f"{folder}/x")
    assert moto_store.info(f"{folder}/x").version.endswith('-5"')  # it came in five parts
    assert moto_store.get(f"{folder}/x") == data


def test_many_pages_are_listed_and_removed(moto_store: S3Backend, folder: str) -> None:
    names = [f"{n:04}" for n in range(1234)]
    for _ in ordered_map(lambda name: moto_store.put(b"", f"{folder}/{name}"), names, workers=4):
        pass
    assert list(moto_store.list_dir_or_file(folder)) == names
    moto_store.rmtree(folder)
    assert not moto_store.exists(folder)


def test_a_listing_is_read_page_by_page(
    proxy: tuple[FaultyProxy, str], moto_store: S3Backend, folder: str
) -> None:
    for _ in ordered_map(lambda n: moto_store.put(b"", f"{folder}/{n:04}"), range(1100), workers=4):
        pass
    server, url = proxy
    store = connect(url)
    listing = store.list_dir_or_file(folder)
    assert next(listing) == "0000"
    assert sum(server.counts.values()) == 1
    assert len(list(listing)) == 1099
    assert sum(server.counts.values()) == 2
    store.close()


def test_a_copy_stays_on_the_server(
    proxy: tuple[FaultyProxy, str], moto_store: S3Backend, folder: str
) -> None:
    moto_store.put(b"x" * 1000, f"{folder}/a/x")
    server, url = proxy
    store = connect(url)
    store.copytree(f"{folder}/a", f"{folder}/b")
    assert store.get(f"{folder}/b/x") == b"x" * 1000
    reads = [path for method, path in server.counts if method == "GET" and path.endswith("a/x")]
    assert reads == []
    store.close()


def test_a_failed_upload_leaves_nothing(
    proxy: tuple[FaultyProxy, str], moto: str, tmp_path: Path
) -> None:
    server, url = proxy
    bucket = new_bucket(moto)
    server.fault = lambda method, path, count: "403" if "partNumber=3" in path else ""
    (tmp_path / "x").write_bytes(bytes(20 * MiB))
    store = connect(url, part_size=5 * MiB, retries=1)
    with pytest.raises((PermissionError, RemoteError), match="checkpoint"):
        store.copyfile_from_local(tmp_path / "x", f"s3://{bucket}/checkpoint")
    with pytest.raises((PermissionError, RemoteError), match="checkpoint"):
        store.put(bytes(20 * MiB), f"s3://{bucket}/checkpoint")
    assert not store.exists(f"s3://{bucket}/checkpoint")
    client = store._connection.client
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)
    store.close()


def test_throttling_and_broken_answers_are_tried_again(
    proxy: tuple[FaultyProxy, str], moto_store: S3Backend, folder: str, tmp_path: Path
) -> None:
    data = bytes(range(251)) * 50_000  # 12.5 MB
    moto_store.put(data, f"{folder}/x")
    server, url = proxy
    server.fault = lambda method, path, count: {1: "503", 2: "drop"}.get(count, "")
    store = connect(url, part_size=5 * MiB)
    assert store.get(f"{folder}/x") == data
    server.counts.clear()
    store.copyfile_to_local(f"{folder}/x", tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == data
    server.counts.clear()
    store.put(data, f"{folder}/y")
    assert moto_store.get(f"{folder}/y") == data
    store.close()


def test_a_server_that_keeps_breaking_is_given_up(
    proxy: tuple[FaultyProxy, str], moto_store: S3Backend, folder: str, tmp_path: Path
) -> None:
    moto_store.put(bytes(1000), f"{folder}/x")
    server, url = proxy
    server.fault = lambda method, path, count: "drop" if method == "GET" else ""
    store = connect(url, retries=1)
    with pytest.raises(UnreachableError, match="/x"):
        store.get(f"{folder}/x")
    server.fault = lambda method, path, count: "503"
    with pytest.raises(UnreachableError, match=r"503|/x"):
        store.get(f"{folder}/x")
    store.close()


def test_wrong_keys_are_told(rclone: str, rclone_bucket: str, tmp_path: Path) -> None:
    store = connect(rclone, secret_key="W" * 20)
    address = f"s3://{rclone_bucket}/x"
    for act in (
        lambda: store.get(address),
        lambda: store.put(b"x", address),
        lambda: store.exists(address),
        lambda: list(store.list_dir_or_file(address)),
        lambda: store.copyfile_to_local(address, tmp_path / "x"),
    ):
        with pytest.raises(PermissionError, match="credentials"):
            act()
    assert list(tmp_path.iterdir()) == []
    store.close()


def test_no_keys_are_told(moto: str) -> None:
    store = S3Backend(endpoint_url=moto)
    with pytest.raises(PermissionError, match=r"access_key=.*AWS_ACCESS_KEY_ID"):
        store.get("s3://bucket/x")
    store.close()


@pytest.mark.parametrize("endpoint", ["moto", "rclone"])
def test_a_missing_bucket_is_told(endpoint: str, request: pytest.FixtureRequest) -> None:
    store = connect(request.getfixturevalue(endpoint), part_size=5 * MiB)
    with pytest.raises(FileNotFoundError, match=r"no such bucket.*s3://no-such-bucket/x"):
        store.get("s3://no-such-bucket/x")
    with pytest.raises(FileNotFoundError, match=r"no such bucket.*s3://no-such-bucket/x"):
        store.put(b"x", "s3://no-such-bucket/x")
    with pytest.raises(FileNotFoundError, match=r"no such bucket.*s3://no-such-bucket/x"):
        store.put(bytes(6 * MiB), "s3://no-such-bucket/x")
    assert not store.exists("s3://no-such-bucket")
    assert not store.exists("s3://no-such-bucket/x")
    store.close()


def test_an_unreachable_endpoint_is_told(tmp_path: Path) -> None:
    store = connect(f"http://127.0.0.1:{free_port()}", retries=1, connect_timeout=1)
    (tmp_path / "x").write_bytes(bytes(20 * MiB))
    with pytest.raises(UnreachableError, match="s3://bucket/x"):
        store.get("s3://bucket/x")
    with pytest.raises(UnreachableError, match="s3://bucket/x"):
        store.copyfile_from_local(tmp_path / "x", "s3://bucket/x")
    with pytest.raises(UnreachableError, match="s3://bucket/x"):
        store.copyfile_to_local("s3://bucket/x", tmp_path / "y")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    store.close()


def test_a_presigned_url_is_for_anybody(moto_store: S3Backend, folder: str) -> None:
    moto_store.put(b"signed", f"{folder}/x y")
    http = HTTPBackend()
    assert http.get(moto_store.generate_presigned_url(f"{folder}/x y")) == b"signed"
    assert "X-Amz-Expires=60" in moto_store.generate_presigned_url(f"{folder}/x", expires_in=60)
    http.close()


def test_of_many_conditional_writers_one_wins(moto_store: S3Backend, folder: str) -> None:
    def write(n: int) -> int:
        try:
            moto_store.put(b"%d" % n, f"{folder}/once", overwrite=False)
        except FileExistsError:
            return 0
        return n

    winners = [n for n in ordered_map(write, range(1, 9), workers=8) if n]
    assert moto_store.get(f"{folder}/once") == b"%d" % winners[0]
    assert len(winners) == 1


def test_paths_are_mapped(moto_store: S3Backend, moto: str, folder: str) -> None:
    moto_store.put(b"x", f"{folder}/train/x")
    mapping = {"data/": f"{folder}/", "data/val/": "s3://elsewhere/"}
    store = connect(moto, path_mapping=mapping)
    assert store.get("data/train/x") == b"x"
    assert store.join_path("data/train", "x") == f"{folder}/train/x"
    assert store.join_path("data/val/", "x") == "s3://elsewhere/x"
    with pytest.raises(ValueError, match="expected s3://bucket/key"):
        store.get("unmapped/x")
    store.close()


def test_a_bucket_is_a_folder(moto_store: S3Backend, moto: str) -> None:
    bucket = new_bucket(moto)
    assert moto_store.isdir(f"s3://{bucket}")
    assert list(moto_store.list_dir_or_file(f"s3://{bucket}")) == []
    moto_store.put(b"", f"s3://{bucket}/a/b")
    assert list(moto_store.list_dir_or_file(f"s3://{bucket}", recursive=True)) == ["a", "a/b"]
    with pytest.raises(IsADirectoryError):
        moto_store.put(b"", f"s3://{bucket}")


def test_a_marker_of_a_folder_is_no_file(moto_store: S3Backend, folder: str) -> None:
    bucket, _, key = folder.removeprefix("s3://").partition("/")
    moto_store._connection.client.put_object(Bucket=bucket, Key=f"{key}/", Body=b"")
    assert moto_store.isdir(folder)
    assert list(moto_store.list_dir_or_file(folder)) == []


def test_anonymous_reads_are_not_signed(
    proxy: tuple[FaultyProxy, str], moto_store: S3Backend, folder: str
) -> None:
    moto_store.put(b"public", f"{folder}/x")
    bucket = folder.removeprefix("s3://").partition("/")[0]
    moto_store._connection.client.put_object_acl(
        Bucket=bucket, Key=f"{folder.rpartition('/')[2]}/x", ACL="public-read"
    )
    store = S3Backend(endpoint_url=proxy[1], anonymous=True)
    assert store.get(f"{folder}/x") == b"public"
    store.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"access_key": "k"}, "give both or none"),
        ({"part_size": 1000}, "at least 5 MiB"),
        ({"concurrency": 0}, "at least 1"),
    ],
)
def test_arguments_that_cannot_work_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        S3Backend(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["spawn", *(["fork"] if os.name != "nt" else [])])
def test_a_child_has_a_client_of_its_own(moto_store: S3Backend, folder: str, method: str) -> None:
    moto_store.put(b"x", f"{folder}/x")
    context = multiprocessing.get_context(method)
    answers = context.Queue()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork with threads: the case at hand
        child = context.Process(target=read_once, args=(moto_store, f"{folder}/x", answers))
        child.start()
    assert answers.get(timeout=60) == b"x"
    child.join()
    answers.close()
    answers.join_thread()


def test_an_object_that_changes_while_it_is_read_is_no_success(
    proxy: tuple[FaultyProxy, str], moto_store: S3Backend, folder: str, tmp_path: Path
) -> None:
    moto_store.put(bytes(12 * MiB), f"{folder}/x")
    server, url = proxy

    def change(method: str, path: str, count: int) -> str:
        if method == "GET" and count == 3:  # the whole was asked for, and the first range
            moto_store.put(b"\1" * (12 * MiB), f"{folder}/x")
        return ""

    server.fault = change
    store = connect(url, part_size=5 * MiB, concurrency=1)
    with pytest.raises(RemoteError, match=r"/x' has changed while it was read"):
        store.copyfile_to_local(f"{folder}/x", tmp_path / "x")
    assert list(tmp_path.iterdir()) == []
    store.close()


def test_a_service_that_goes_silent_is_given_up(files: FileServer, tmp_path: Path) -> None:
    files.files["bucket/x"] = bytes(1000)
    store = connect(files.url, read_timeout=0.3, retries=1)
    for act in (
        lambda: store.get("s3://bucket/x"),
        lambda: store.copyfile_to_local("s3://bucket/x", tmp_path / "x"),
        lambda: store.exists("s3://bucket/x"),
    ):
        files.faults["bucket/x"] = ["silent"] * 8
        with pytest.raises(UnreachableError, match="s3://bucket/x"):
            act()
    assert list(tmp_path.iterdir()) == []
    store.close()


def test_a_huge_object_is_copied_in_parts(
    moto_store: S3Backend, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine_fileio.backends.s3._ONE_COPY", 5 * MiB)
    data = bytes(range(251)) * 50_000
    moto_store.put(data, f"{folder}/x")
    moto_store.copyfile(f"{folder}/x", f"{folder}/y")
    assert moto_store.get(f"{folder}/y") == data
    assert moto_store.info(f"{folder}/y").version.endswith('-3"')


def test_a_key_that_leads_out_of_the_folder_is_not_copied(
    moto_store: S3Backend, folder: str, tmp_path: Path
) -> None:
    moto_store.put(b"evil", f"{folder}/../../evil")
    with pytest.raises(ValueError, match=r"'\.\./\.\./evil' leads out of"):
        moto_store.copytree_to_local(folder, tmp_path / "a" / "b")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("how", ["if_none_match", "if_match"])
def test_a_conditional_write_whose_answer_got_lost_has_won(
    moto: str, moto_bucket: str, how: str
) -> None:
    address, proxy = f"s3://{moto_bucket}/{uuid4().hex}", FaultyProxy(moto)
    direct = connect(moto)
    if how == "if_match":
        direct.put(b"before", address)
    with threaded(proxy) as url:
        store = connect(url, retries=2)
        # the first write arrives, and its answer doesn't: boto3 writes again
        proxy.fault = lambda method, path, count: "lose" * (method == "PUT" and count == 1)
        if how == "if_match":
            store.put_if_match(b"mine", address, direct.info(address).version)
        else:
            store.put(b"mine", address, overwrite=False)
        store.close()
    assert sum(n for (method, _), n in proxy.counts.items() if method == "PUT") == 2
    assert direct.get(address) == b"mine"
    direct.close()


def test_throttling_takes_connections_away(moto: str, moto_bucket: str) -> None:
    proxy = FaultyProxy(moto)
    with threaded(proxy) as url:
        store = connect(url)
        proxy.fault = lambda method, path, count: "503" * (count == 1)
        store.put(b"x", f"s3://{moto_bucket}/{uuid4().hex}")
        assert store._connection.pace.connections == 8
        store.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
@pytest.mark.parametrize("direction", ["up", "down"])
def test_ctrl_c_in_a_transfer_leaves_nothing(
    moto: str, moto_bucket: str, tmp_path: Path, direction: str
) -> None:
    key, target = uuid4().hex, tmp_path / "target"
    address = f"s3://{moto_bucket}/{key}"
    (tmp_path / "source").write_bytes(bytes(80 * MiB))
    store = connect(moto)
    if direction == "down":
        store.copyfile_from_local(tmp_path / "source", address)
        arguments = ("copyfile_to_local", address, str(target))
    else:
        arguments = ("copyfile_from_local", str(tmp_path / "source"), address)
    child = subprocess.Popen(
        [sys.executable, "-c", _TRANSFER, str(Path(__file__).parent), moto, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "on its way\n"
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=60)
    assert child.returncode != 0
    assert "KeyboardInterrupt" in told
    assert not target.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]
    client = store._connection.client
    assert not client.list_multipart_uploads(Bucket=moto_bucket, Prefix=key).get("Uploads")
    assert store.isfile(address) == (direction == "down")
    store.close()


_TRANSFER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from fileio_servers import connect
store, told = connect(sys.argv[2], part_size=5 * 2**20, concurrency=2), []
def progress(done, total):
    if not told:
        told.append(print("on its way", flush=True))
    time.sleep(0.05)
getattr(store, sys.argv[3])(*sys.argv[4:], progress=progress)
"""


def test_a_listing_of_many_keys_takes_no_memory_for_them() -> None:
    service = Listing(count=30_000)
    with threaded(service) as url:
        store = connect(url)
        next(iter(store.list_dir_or_file("s3://bucket")))  # imports what boto3 needs
        tracemalloc.start()
        try:
            found = store.list_dir_or_file("s3://bucket", list_dir=False, recursive=True)
            assert sum(1 for _ in found) == 30_000
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        store.close()
    assert peak < 8 * MiB
