"""The back-end that an address means, and back-ends of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_fileio import (
    BaseStorageBackend,
    FsspecBackend,
    HTTPBackend,
    LocalBackend,
    MemoryBackend,
    S3Backend,
    exists,
    get,
    get_file_backend,
    get_local_path,
    get_text,
    load,
    put,
    register_backend,
)
from engine_fileio.backends import backends, prefix_to_backends
from engine_fileio.backends.cached import CachedBackend
from engine_fileio.errors import UnknownBackendError, UnsupportedError, UntrustedError


class Own(BaseStorageBackend):
    """The least that a back-end can be."""

    def __init__(self, answer: str = "own") -> None:
        self.answer = answer

    def get(self, filepath: object) -> bytes:
        return self.answer.encode()


@pytest.fixture(autouse=True)
def _unregister() -> Iterator[None]:
    before = dict(backends), dict(prefix_to_backends)
    yield
    for table, old in zip((backends, prefix_to_backends), before, strict=True):
        table.clear()
        table.update(old)


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("a/b", LocalBackend),
        ("C:\\a\\b", LocalBackend),
        ("C:/a/b", LocalBackend),
        (Path("http://not-an-address"), LocalBackend),
        ("file:///a/b", LocalBackend),
        ("http://host/x", HTTPBackend),
        ("https://host:8000/x", HTTPBackend),
        ("s3://bucket/x", S3Backend),
        ("memory://x", MemoryBackend),
        ("github://x", FsspecBackend),
    ],
)
def test_the_prefix_decides(uri: str, kind: type) -> None:
    assert type(get_file_backend(uri)) is kind


def test_a_name_wins_over_the_prefix() -> None:
    args = {"backend": "local"}
    assert isinstance(get_file_backend("http://host/x", backend_args=args), LocalBackend)
    assert isinstance(get_file_backend(backend_args=args), LocalBackend)
    assert args == {"backend": "local"}


def test_what_is_unknown_is_answered_with_what_is_known() -> None:
    with pytest.raises(UnknownBackendError, match=r"did you mean 'petrel'.*fsspec, http"):
        get_file_backend("x", backend_args={"backend": "petrol"})
    with pytest.raises(KeyError, match=r"nothing:// of 'nothing://x'.*s3://"):
        get_file_backend("nothing://x")
    with pytest.raises(ValueError, match="uri is None"):
        get_file_backend(backend_args={})


def test_the_same_arguments_give_the_same_instance() -> None:
    def make(**args: object) -> BaseStorageBackend:
        return get_file_backend("memory://x", backend_args=args, enable_singleton=True)

    files: dict[str, bytes] = {}
    assert make() is make()
    assert make(files=files) is make(files=files)
    assert make(files={"a": b""}) is not make()
    assert get_file_backend("a") is not get_file_backend("a")
    local = get_file_backend("a", enable_singleton=True)
    assert local is get_file_backend("b", enable_singleton=True)


def test_nested_arguments_are_told_apart() -> None:
    def make(target: str) -> BaseStorageBackend:
        args = {"path_mapping": {"data/": target}, "backend": "s3"}
        return get_file_backend(backend_args=args, enable_singleton=True)

    assert make("s3://a/") is make("s3://a/")
    assert make("s3://a/") is not make("s3://b/")


def test_one_argument_switches_the_cache_on(tmp_path: Path) -> None:
    args = {"cache_dir": tmp_path, "cache_size": 1000}
    store = get_file_backend("memory://x", backend_args=args)
    assert isinstance(store, CachedBackend)
    assert store.name == "MemoryBackend"


def test_a_back_end_of_ones_own_needs_only_get(tmp_path: Path) -> None:
    register_backend("own", Own, prefixes="own")
    assert get("own://x") == b"own"
    assert get_text("x", backend_args={"backend": "own", "answer": "ä"}) == "ä"
    assert exists("own://x")
    with get_local_path("own://a/b.txt") as path:
        assert Path(path).name == "b.txt"
        assert Path(path).read_text() == "own"
    with pytest.raises(UnsupportedError, match="Own does not support put: 'own://x'"):
        put(b"", "own://x")
    with pytest.raises(UntrustedError):
        load("own://x.pkl")


def test_the_decorator_registers() -> None:
    @register_backend("decorated", prefixes=["d1", "d2"])
    class Decorated(Own):
        pass

    assert get("d2://x") == b"own"
    assert backends["decorated"] is Decorated


def test_what_is_taken_stays_unless_forced() -> None:
    register_backend("own", Own, prefixes="own")
    with pytest.raises(ValueError, match="own, own:// is registered already; force=True"):
        register_backend("own", Own, prefixes="own")
    assert type(get_file_backend("own://x", enable_singleton=True)) is Own

    class Other(Own):
        pass

    register_backend("own", Other, force=True, prefixes="own")
    assert type(get_file_backend("own://x", enable_singleton=True)) is Other


@pytest.mark.parametrize(
    ("name", "kind", "prefixes", "message"),
    [
        (1, Own, None, "must be a str"),
        ("x", int, None, "subclass of BaseStorageBackend"),
        ("x", 3, None, "subclass of BaseStorageBackend"),
        ("x", Own, 3, "prefixes must be"),
    ],
)
def test_what_cannot_be_registered_is_refused(
    name: object, kind: object, prefixes: object, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        register_backend(name, kind, prefixes=prefixes)  # type: ignore[call-overload]
