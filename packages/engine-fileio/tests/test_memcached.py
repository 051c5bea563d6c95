"""Files in memcached."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pymemcache
import pytest
from fileio_contract import MB, WriteContract
from fileio_servers import free_port

from engine_fileio import MemcachedBackend
from engine_fileio.errors import RemoteError, UnreachableError, UnsupportedError


class TestMemcachedBackend(WriteContract):
    peak = 330 * MB  # a value travels in one piece, and pymemcache copies it

    @pytest.fixture
    def store(self, memcached: str) -> Iterator[MemcachedBackend]:
        store = MemcachedBackend(memcached, None)
        yield store
        store.close()

    @pytest.fixture
    def root(self) -> str:
        return uuid4().hex


def test_folders_are_refused_in_words(memcached: str) -> None:
    store = MemcachedBackend(memcached, None)
    with pytest.raises(UnsupportedError, match="does not support list_dir_or_file"):
        list(store.list_dir_or_file("x"))
    assert not store.isdir("x")


@pytest.mark.parametrize("key", ["a b/ü\n.bin", "n" * 300, "%20", "ä" * 100])
def test_a_key_that_memcached_refuses_is_encoded(memcached: str, key: str) -> None:
    store = MemcachedBackend(memcached, None)
    store.put(key.encode(), key)
    assert store.get(key) == key.encode()
    store.close()


def test_a_plain_key_is_what_other_clients_see(memcached: str) -> None:
    host, _, port = memcached.partition(":")
    client = pymemcache.Client((host, int(port)))
    client.set("data/train/x+1.jpg", b"theirs", noreply=False)
    client.close()
    store = MemcachedBackend([memcached], {"max_pool_size": 2})
    assert store.get("data/train/x+1.jpg") == b"theirs"
    store.close()


def test_a_value_above_the_limit_is_told(memcached: str) -> None:
    store = MemcachedBackend(memcached, None)
    with pytest.raises((RemoteError, UnreachableError), match="large"):
        store.put(bytes(300_000_000), "large")
    store.close()


def test_an_unreachable_server_is_named() -> None:
    store = MemcachedBackend(f"127.0.0.1:{free_port()}", None, connect_timeout=1)
    with pytest.raises(UnreachableError, match=r"'x' from 127\.0\.0\.1"):
        store.get("x")
    store.close()


def test_servers_and_options_may_be_in_files(memcached: str, tmp_path: Path) -> None:
    (tmp_path / "servers.conf").write_text(f"{memcached}\n")
    for name, text in (("options.yaml", "timeout: 5\n"), ("options.json", '{"timeout": 5}')):
        (tmp_path / name).write_text(text)
        store = MemcachedBackend(str(tmp_path / "servers.conf"), str(tmp_path / name))
        store.put(b"x", "filed")
        assert store.get("filed") == b"x"
        store.close()
    (tmp_path / "bad.json").write_text("[]")
    with pytest.raises(ValueError, match="expected a mapping"):
        MemcachedBackend(memcached, str(tmp_path / "bad.json"))


@pytest.mark.parametrize("servers", ["", "host:port", []])
def test_servers_that_are_none_are_refused(servers: str | list[str]) -> None:
    with pytest.raises(ValueError, match="server_list_cfg"):
        MemcachedBackend(servers, None)


def test_the_client_has_mmengines_name(memcached: str) -> None:
    store = MemcachedBackend(memcached, None)
    store.put(b"1", "x")
    assert store._client.get("x") == b"1"
    store.close()
