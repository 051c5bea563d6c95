"""Petrel through its client. The client is on no registry: a stand-in with its methods is used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from fileio_contract import MB, FolderContract

from engine_fileio import PetrelBackend
from engine_fileio.backends.petrel_client import PetrelClientBackend


@pytest.fixture(autouse=True)
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(Path(__file__).with_name("stand_ins"))
    yield


class TestPetrelClientBackend(FolderContract):
    peak = 330 * MB  # the client takes and gives whole files
    conditional = False

    @pytest.fixture
    def store(self) -> PetrelBackend:
        return PetrelBackend()

    @pytest.fixture
    def root(self) -> str:
        return f"s3://bucket/{uuid4().hex}"


def test_the_client_is_used_where_it_is_installed() -> None:
    store = PetrelBackend(path_mapping={"data/": "cluster:s3://bucket/"})
    served, address = store.route("data/x")
    assert isinstance(served, PetrelClientBackend)
    assert address == "cluster:s3://bucket/x"
    assert store.generate_presigned_url("s3://b/x", "put_object", 60).endswith("put_object=60")
