"""Objects of two S3 services: moto's and rclone's."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from engine_fileio import S3Backend
from fileio_contract import FolderContract
from fileio_servers import KEY, SECRET


def new_bucket(endpoint: str) -> str:
    """Make a bucket and return its name."""
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=Config(s3={"addressing_style": "path"}),
    )
    name = f"bucket-{uuid4().hex[:12]}"
    client.create_bucket(Bucket=name)
    client.close()
    return name


@pytest.fixture(scope="module")
def moto_bucket(moto: str) -> str:
    return new_bucket(moto)


@pytest.fixture(scope="module")
def rclone_bucket(rclone: str) -> str:
    return new_bucket(rclone)


def connect(endpoint: str, **more: object) -> S3Backend:
    options = {"endpoint_url": endpoint, "access_key": KEY, "secret_key": SECRET, **more}
    return S3Backend(**options)  # type: ignore[arg-type]


class TestMoto(FolderContract):
    @pytest.fixture
    def store(self, moto: str) -> Iterator[S3Backend]:
        store = connect(moto)
        yield store
        store.close()

    @pytest.fixture
    def root(self, moto_bucket: str) -> str:
        return f"s3://{moto_bucket}/{uuid4().hex}"


class TestRclone(FolderContract):
    @pytest.fixture
    def store(self, rclone: str) -> Iterator[S3Backend]:
        store = connect(rclone)
        yield store
        store.close()

    @pytest.fixture
    def root(self, rclone_bucket: str) -> str:
        return f"s3://{rclone_bucket}/{uuid4().hex}"
