"""What the tests let other processes do; spawned ones import it by this module's name."""

from __future__ import annotations

import time
from multiprocessing import Queue
from pathlib import Path

from engine_fileio import HTTPBackend, LmdbBackend, LocalBackend, S3Backend
from engine_fileio.backends.cached import CachedBackend
from engine_fileio.cache import FileCache


def overwrite(path: Path, value: int) -> None:
    for _ in range(20):
        LocalBackend().put(bytes([value]) * (100_000 + value), path)


def read_once(store: S3Backend, address: str, answers: Queue[bytes]) -> None:
    answers.put(store.get(address))
    store.close()


def use_cache(folder: Path, url: str, number: int) -> None:
    store = CachedBackend(HTTPBackend(), folder, cache_size=400_000)
    for n in range(60):
        name = (n * number) % 20
        assert store.get(f"{url}/{name}") == bytes([name]) * 50_000
        with store.get_local_path(f"{url}/{name}") as path:
            assert Path(path).read_bytes() == bytes([name]) * 50_000


def die_while_fetching(folder: Path, begun: object) -> None:
    def fetch(path: Path) -> None:
        begun.set()  # type: ignore[attr-defined]
        time.sleep(60)

    FileCache(folder).read("key", 4, fetch)


def add_keys(path: Path, number: int) -> None:
    store = LmdbBackend(path, readonly=False)
    for n in range(50):
        store.put(b"%d" % n, f"{number}/{n}")


def add_large(path: Path) -> None:
    store = LmdbBackend(path, readonly=False, map_size=1 << 20)
    for n in range(20):
        store.put(bytes(500_000), f"large/{n}")


def read_key(store: LmdbBackend, key: str, expected: bytes) -> None:
    assert store.get(key) == expected
