"""Petrel through the S3 that its configuration file names."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from fileio_contract import FolderContract
from fileio_servers import KEY, SECRET, new_bucket

from engine_fileio import PetrelBackend, get_file_backend

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
