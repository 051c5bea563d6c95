"""Petrel through its client. The client is on no registry: a stand-in with its methods is used."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import MagicMock
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


def test_an_object_that_stands_for_the_client_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    import petrel_client.client  # the stand-in

    monkeypatch.setitem(sys.modules, "petrel_client", petrel_client)
    monkeypatch.setattr(petrel_client, "__spec__", None)
    assert isinstance(PetrelBackend().route("s3://b/x")[0], PetrelClientBackend)


def test_a_mock_stands_for_the_client_and_is_reached_under_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "petrel_client", MagicMock())
    monkeypatch.setitem(sys.modules, "petrel_client.client", MagicMock())
    store = PetrelBackend()
    store._client.Get.return_value = b"abc"
    assert store.get("s3://bucket/x") == b"abc"
    store._client.Get.assert_called_once_with("s3://bucket/x")
