"""Small objects are read without boto3, unless anything is out of the ordinary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fileio_servers import (
    KEY,
    SECRET,
    FaultyProxy,
    FileServer,
    certificate,
    connect,
    new_bucket,
    rclone_s3,
    threaded,
)

from engine_fileio import S3Backend
from engine_fileio.errors import UnreachableError
from engine_fileio.s3.small_reads import QuickReader


@pytest.fixture(params=["moto", "rclone"])
def endpoint(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def bucket(endpoint: str) -> str:
    return new_bucket(endpoint)


def quick(store: S3Backend) -> QuickReader:
    return store._transfers._quick


@pytest.fixture
def store(endpoint: str) -> Iterator[S3Backend]:
    store = connect(endpoint)
    yield store
    store.close()


@pytest.mark.parametrize("key", ["x", "a b/ü+&=%20~'(*)!.bin", "deep/er/x"])
def test_an_object_is_read_quickly(store: S3Backend, bucket: str, key: str) -> None:
    store.put(b"data", f"s3://{bucket}/{key}")
    assert quick(store).read(bucket, key) == b"data"


def test_connections_are_kept(moto: str) -> None:
    server = FaultyProxy(moto)
    with threaded(server) as url:
        store, bucket = connect(url), new_bucket(moto)
        store.put(b"data", f"s3://{bucket}/x")
        before = server.accepted
        for _ in range(5):
            assert quick(store).read(bucket, "x") == b"data"
        assert server.accepted == before + 1
        store.close()


def test_a_connection_that_was_closed_meanwhile_is_made_anew(moto: str) -> None:
    server = FaultyProxy(moto)
    with threaded(server) as url:
        store, bucket = connect(url), new_bucket(moto)
        store.put(b"data", f"s3://{bucket}/x")
        server.fault = lambda method, path, count: "bye"
        for _ in range(3):
            assert quick(store).read(bucket, "x") == b"data"
        store.close()


@pytest.mark.parametrize("fault", ["503", "404", "drop"])
def test_what_goes_wrong_is_left_to_boto3(moto: str, fault: str) -> None:
    server = FaultyProxy(moto)
    with threaded(server) as url:
        store, bucket = connect(url), new_bucket(moto)
        store.put(b"data", f"s3://{bucket}/x")
        server.fault = lambda method, path, count: fault if count <= 2 else ""
        assert quick(store).read(bucket, "x") is None
        server.counts.clear()
        server.fault = lambda method, path, count: fault if count == 1 else ""
        assert store.get(f"s3://{bucket}/x") == b"data"
        store.close()


def test_a_missing_object_does_not_end_the_quick_way(store: S3Backend, bucket: str) -> None:
    store.put(b"data", f"s3://{bucket}/x")
    for _ in range(20):
        assert quick(store).read(bucket, "no") is None
    assert quick(store).read(bucket, "x") == b"data"


def test_a_bucket_that_keeps_refusing_is_left_to_boto3(rclone: str) -> None:
    bucket = new_bucket(rclone)
    wrong = connect(rclone, secret_key="W" * 20)
    for _ in range(20):
        assert quick(wrong).read(bucket, "x") is None
    assert set(quick(wrong)._buckets.values()) == {None}
    wrong.close()


def test_a_large_object_is_left_to_boto3(store: S3Backend, bucket: str) -> None:
    store.put(bytes(9_000_000), f"s3://{bucket}/x")
    assert quick(store).read(bucket, "x") is None
    assert store.get(f"s3://{bucket}/x") == bytes(9_000_000)


def test_a_proxy_is_left_to_boto3(files: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", files.url)
    files.files["bucket/x"] = b"through the proxy"
    store = connect("http://nowhere.invalid")
    assert quick(store).read("bucket", "x") is None
    assert store.get("s3://bucket/x") == b"through the proxy"
    store.close()


@pytest.mark.parametrize("more", [{"signature_version": "s3"}, {"verify": False}])
def test_settings_of_their_own_are_left_to_boto3(moto: str, more: dict[str, object]) -> None:
    store, bucket = connect(moto, **more), new_bucket(moto)
    store.put(b"data", f"s3://{bucket}/x")
    assert quick(store).read(bucket, "x") is None
    assert store.get(f"s3://{bucket}/x") == b"data"
    store.close()


def test_a_session_token_is_signed(moto: str) -> None:
    store, bucket = connect(moto, session_token="t0ken"), new_bucket(moto)
    store.put(b"data", f"s3://{bucket}/x")
    assert quick(store).read(bucket, "x") == b"data"
    store.close()


def test_credentials_of_the_environment_are_used(
    rclone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    store, bucket = S3Backend(endpoint_url=rclone), new_bucket(rclone)
    store.put(b"data", f"s3://{bucket}/x")
    assert quick(store).read(bucket, "x") == b"data"
    store.close()


def test_certificates_are_verified(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    (tmp_path / "served").mkdir()
    with rclone_s3(tmp_path / "served", (cert, key)) as endpoint:
        bucket = new_bucket(endpoint, verify=str(cert))
        store = connect(endpoint, verify=str(cert))
        store.put(b"data", f"s3://{bucket}/x")
        assert quick(store).read(bucket, "x") == b"data"
        store.close()
        doubtful = connect(endpoint, retries=0)
        assert quick(doubtful).read(bucket, "x") is None
        with pytest.raises(UnreachableError, match="SSL"):
            doubtful.get(f"s3://{bucket}/x")
        doubtful.close()
