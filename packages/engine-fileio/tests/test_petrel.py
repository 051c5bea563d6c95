"""Petrel through the S3 that its configuration file names."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from fileio_contract import FolderContract
from fileio_servers import KEY, SECRET, new_bucket

from engine_fileio import FileClient, PetrelBackend, S3Backend, get_file_backend
from engine_fileio.backends import registry, set_petrel_first

CONFIGURATION = """\
[DEFAULT]
enable_mc = False
default_cluster = one

[one]
boto = True
access_key = {key}
secret_key = {secret}
host_base = {one}
host_bucket = {one}/%(bucket)s

[two]
access_key = {key}
secret_key = {secret}
host_base = {two}
"""


@pytest.fixture
def conf(tmp_path: Path, moto: str, rclone: str) -> str:
    text = CONFIGURATION.format(
        key=KEY, secret=SECRET, one=moto.removeprefix("http://"), two=rclone
    )
    (tmp_path / "petreloss.conf").write_text(text)
    return str(tmp_path / "petreloss.conf")


@pytest.fixture(scope="module")
def bucket(moto: str, rclone: str) -> str:
    return new_bucket(rclone, new_bucket(moto))


class TestPetrelBackend(FolderContract):
    versioned = True
    renewed = False  # an entity tag is a digest of the bytes
    looks_first = True
    without = ("two\nlines.bin",)  # moto matches addresses by patterns that end at a newline

    @pytest.fixture
    def store(self, conf: str) -> PetrelBackend:
        return PetrelBackend(conf_path=conf)

    @pytest.fixture
    def root(self, bucket: str) -> str:
        return f"s3://{bucket}/{uuid4().hex}"


def test_clusters_are_told_apart(conf: str, bucket: str) -> None:
    store = PetrelBackend(conf_path=conf)
    store.put(b"1", f"one:s3://{bucket}/x")
    store.put(b"2", f"two:s3://{bucket}/x")
    assert store.get(f"s3://{bucket}/x") == b"1"
    assert store.get(f"petrel://{bucket}/x") == b"1"
    assert store.get(f"two:s3://{bucket}/x") == b"2"


def test_paths_are_mapped(conf: str, bucket: str) -> None:
    mapping = {"./data/": f"s3://{bucket}/", "data/": f"two:s3://{bucket}/"}
    store = PetrelBackend(path_mapping=mapping, conf_path=conf)
    store.put(b"1", "./data/mapped")
    store.put(b"2", "data/mapped")
    assert store.get(f"one:s3://{bucket}/mapped") == b"1"
    assert store.get(f"two:s3://{bucket}/mapped") == b"2"
    assert store.join_path("./data/train", "x") == f"s3://{bucket}/train/x"
    assert store.join_path("data/train", "x") == f"two:s3://{bucket}/train/x"


def test_a_clusters_prefix_means_petrel(conf: str) -> None:
    found = get_file_backend("one:s3://b/x", backend_args={"conf_path": conf})
    assert isinstance(found, PetrelBackend)
    assert isinstance(
        get_file_backend("petrel://b", backend_args={"conf_path": conf}), PetrelBackend
    )


def test_what_is_missing_is_named(conf: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"petrel_client.*host_base.*nowhere\.conf"):
        PetrelBackend(conf_path=str(tmp_path / "nowhere.conf"))
    store = PetrelBackend(conf_path=conf)
    with pytest.raises(ValueError, match=r"no cluster \[three\].*one, two"):
        store.get("three:s3://b/x")
    with pytest.raises(ValueError, match="expected s3://bucket/key"):
        store.get("data/x")
    (tmp_path / "petreloss.conf").write_text("[one]\naccess_key = k\n")
    with pytest.raises(ValueError, match=r"\[one\] has no host_base"):
        PetrelBackend(conf_path=conf).get("s3://b/x")


@pytest.mark.parametrize("before", ["s3", "petrel", "one:s3", "two:s3", "one:petrel"])
def test_what_comes_back_begins_as_what_was_given(
    conf: str, bucket: str, tmp_path: Path, before: str
) -> None:
    store, root = PetrelBackend(conf_path=conf), f"{before}://{bucket}/{uuid4().hex}"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").write_bytes(b"x")
    assert store.join_path(root, "a", "b") == f"{root}/a/b"
    assert store.copyfile_from_local(tmp_path / "folder" / "x", f"{root}/y") == f"{root}/y"
    assert store.copyfile_from_local(tmp_path / "folder" / "x", root) == f"{root}/x"
    assert store.copyfile(f"{root}/y", f"{root}/z") == f"{root}/z"
    assert store.copytree_from_local(tmp_path / "folder", f"{root}/t") == f"{root}/t"
    assert store.copytree(f"{root}/t", f"{root}/u") == f"{root}/u"
    assert store.get(store.join_path(f"{root}/u", "x")) == b"x"


def test_a_copy_from_cluster_to_cluster_arrives_there(conf: str, bucket: str) -> None:
    store, root = PetrelBackend(conf_path=conf), f"s3://{bucket}/{uuid4().hex}"
    store.put(b"1", f"one:{root}/x")
    assert store.copyfile(f"one:{root}/x", f"two:{root}/y") == f"two:{root}/y"
    assert store.get(f"two:{root}/y") == b"1"
    assert not store.exists(f"one:{root}/y")
    assert store.copytree(f"one:{root}", f"two:{root}/t") == f"two:{root}/t"
    assert store.get(f"two:{root}/t/x") == b"1"


@pytest.fixture
def petrel_first() -> Iterator[None]:
    set_petrel_first(first=True)
    yield
    set_petrel_first(first=False)


@pytest.mark.usefixtures("petrel_first")
def test_a_bare_s3_address_is_petrel_where_that_is_asked_for_and_configured(
    conf: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    home, address = tmp_path / "home", "s3://b/x"
    home.mkdir()
    monkeypatch.setenv("USERPROFILE" if os.name == "nt" else "HOME", str(home))
    assert isinstance(get_file_backend(address), S3Backend)
    registry._tell_of_petrel.cache_clear()
    (home / "petreloss.conf").write_text(Path(conf).read_text())
    with caplog.at_level(logging.INFO, "engine_fileio"):
        for _ in range(2):
            assert isinstance(get_file_backend(address), PetrelBackend)
    assert [record.message for record in caplog.records if "Petrel" in record.message] == [
        "s3:// is Petrel here, as in MMEngine: its client or configuration file was found; "
        "backend_args=dict(backend='s3') means S3 itself"
    ]
    assert isinstance(get_file_backend(backend_args={"backend": "s3"}), S3Backend)
    own = {"endpoint_url": "http://127.0.0.1:1", "access_key": KEY, "secret_key": SECRET}
    assert isinstance(get_file_backend(address, backend_args=own), S3Backend)
    with pytest.warns(DeprecationWarning, match="FileClient"):
        assert isinstance(FileClient(prefix="s3").client, PetrelBackend)
    set_petrel_first(first=False)
    assert isinstance(get_file_backend(address), S3Backend)
