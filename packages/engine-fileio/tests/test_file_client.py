"""MMEngine's old interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_fileio import (
    FileClient,
    HTTPBackend,
    LocalBackend,
    MemoryBackend,
    get_file_backend,
    get_text,
    list_from_file,
    load,
    register_backend,
)

pytestmark = pytest.mark.filterwarnings("ignore:FileClient is deprecated:DeprecationWarning")


@pytest.fixture(autouse=True)
def _unregister() -> Iterator[None]:
    yield
    for table in (FileClient._backends, FileClient._prefix_to_backends):
        for name in ("own", "taken"):
            table.pop(name, None)


def test_it_does_what_its_back_end_does(tmp_path: Path) -> None:
    client = FileClient("disk")
    path = client.join_path(str(tmp_path), "a", "x.txt")
    client.put_text("text", path)
    client.put(b"bytes", client.join_path(str(tmp_path), "b"))
    assert client.get(path) == b"text"
    assert client.get_text(path, "utf-8") == "text"
    assert (client.exists(path), client.isfile(path), client.isdir(path)) == (True, True, False)
    assert sorted(client.list_dir_or_file(tmp_path)) == ["a", "b"]
    with client.get_local_path(path) as local:
        assert local == path
    client.remove(path)
    assert not client.exists(path)
    assert (client.name, client.allow_symlink) == ("HardDiskBackend", True)


def test_the_same_arguments_give_the_same_client() -> None:
    assert FileClient() is FileClient("disk")
    assert FileClient(prefix="http") is FileClient("http")
    assert FileClient("disk") is not FileClient("memory")


def test_a_client_is_inferred() -> None:
    assert isinstance(FileClient.infer_client(uri="http://h/x").client, HTTPBackend)
    assert FileClient.infer_client(uri="a/b") is FileClient("disk")
    assert FileClient.infer_client({"backend": "memory"}).name == "MemoryBackend"
    with pytest.raises(ValueError, match="file_client_args or uri"):
        FileClient.infer_client()


@pytest.mark.parametrize(
    ("uri", "prefix"), [("a", None), ("s3://b", "s3"), ("one:s3://b", "s3"), ("C:\\a", None)]
)
def test_a_prefix_is_parsed(uri: str, prefix: str | None) -> None:
    assert FileClient.parse_uri_prefix(uri) == prefix


def test_what_is_unknown_is_answered_with_what_is_known() -> None:
    with pytest.raises(ValueError, match=r"no back-end is registered as 'dosk'.*disk"):
        FileClient("dosk")
    with pytest.raises(ValueError, match=r"no prefix is registered as 'x'.*https"):
        FileClient(prefix="x")


def test_a_back_end_is_registered() -> None:
    @FileClient.register_backend("own", prefixes="own")
    class Own(MemoryBackend):
        pass

    assert FileClient(prefix="own").name == "Own"
    with pytest.raises(KeyError, match="own, own is registered already"):
        FileClient.register_backend("own", Own, prefixes="own")
    FileClient.register_backend("own", Own, force=True)
    with pytest.raises(TypeError, match="BaseStorageBackend"):
        FileClient.register_backend("taken", int)  # type: ignore[arg-type]


def test_it_warns() -> None:
    with pytest.warns(DeprecationWarning, match="FileClient is deprecated"):
        FileClient()


def test_the_old_argument_warns_and_works(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1]")
    with pytest.warns(DeprecationWarning, match="file_client_args is deprecated") as warned:
        assert load(tmp_path / "x.json", file_client_args={"backend": "disk"}) == [1]
    assert warned[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="file_client_args is deprecated") as warned:
        assert list_from_file(tmp_path / "x.json", file_client_args={"backend": "disk"}) == ["[1]"]
    assert warned[0].filename == __file__
    with pytest.raises(ValueError, match="cannot both be given"):
        load(tmp_path / "x.json", file_client_args={}, backend_args={})


def test_what_is_registered_with_the_package_is_not_a_client() -> None:
    class Own(MemoryBackend):
        pass

    register_backend("elsewhere", Own, force=True, prefixes="elsewhere")
    with pytest.raises(ValueError, match="no back-end is registered as 'elsewhere'"):
        FileClient("elsewhere")
    with pytest.raises(ValueError, match="no prefix is registered as 'elsewhere'"):
        FileClient(prefix="elsewhere")
    FileClient.register_backend("elsewhere", Own, force=True)
    assert isinstance(FileClient("elsewhere").client, Own)
    FileClient._backends.pop("elsewhere")


def test_disk_is_the_former_name_of_the_local_back_end(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\nb")
    assert get_text(tmp_path / "a.txt", backend_args={"backend": "disk"}) == "a\nb"
    assert isinstance(get_file_backend(backend_args={"backend": "disk"}), LocalBackend)
