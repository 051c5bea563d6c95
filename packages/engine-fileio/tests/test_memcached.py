"""Files in memcached."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from fileio_contract import MB, WriteContract

from engine_fileio import MemcachedBackend


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
