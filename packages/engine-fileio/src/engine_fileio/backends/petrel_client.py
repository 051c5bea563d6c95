"""Petrel through its own client, the package petrel_client."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from engine_fileio.address import Address
from engine_fileio.atomic import Buffer
from engine_fileio.backends import folders
from engine_fileio.backends.base import BaseStorageBackend
from engine_fileio.backends.store import Suffix
from engine_fileio.errors import is_folder, no_such_file
from engine_fileio.optional import require


class PetrelClientBackend(BaseStorageBackend):
    """Petrel through its own client, one of which each process has.

    Args:
        conf_path: the client's configuration file; None for its default.
        enable_mc: let the client use memcached.
    """

    def __init__(self, *, conf_path: str | None = None, enable_mc: bool = True) -> None:
        self._conf_path = conf_path
        self._enable_mc = enable_mc
        self._clients: dict[int, Any] = {}

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file."""
        value = self._client.Get(os.fspath(filepath))
        if value is None:
            raise no_such_file(filepath)
        return bytes(value)

    def put(self, obj: Buffer, filepath: Address, *, overwrite: bool = True) -> None:
        """Write a file; the client has no ``overwrite=False``."""
        if not overwrite:
            self.unsupported("overwrite=False", filepath)
        self._client.put(os.fspath(filepath), bytes(obj))

    def isfile(self, filepath: Address) -> bool:
        """Whether there is a file."""
        return bool(self._client.contains(os.fspath(filepath)))

    def isdir(self, filepath: Address) -> bool:
        """Whether there is a folder."""
        return bool(self._client.isdir(os.fspath(filepath)))

    def list_dir_or_file(
        self,
        dir_path: Address,
        list_dir: bool = True,
        list_file: bool = True,
        suffix: Suffix = None,
        recursive: bool = False,
    ) -> Iterator[str]:
        """Yield what is in a folder, as paths relative to it."""
        wanted = folders.Wanted(list_dir, list_file, suffix, recursive=recursive)
        if not self.isdir(dir_path):
            raise no_such_file(dir_path, "no such folder")
        yield from self._walk(os.fspath(dir_path).rstrip("/") + "/", "", wanted)

    def remove(self, filepath: Address) -> None:
        """Remove a file."""
        if not self.isfile(filepath):
            raise is_folder(filepath) if self.isdir(filepath) else no_such_file(filepath)
        self._client.delete(os.fspath(filepath))

    def generate_presigned_url(
        self, url: str, client_method: str = "get_object", expires_in: int = 3600
    ) -> str:
        """Return a URL that anybody may use for ``expires_in`` seconds."""
        return str(self._client.generate_presigned_url(url, client_method, expires_in))

    @property
    def _client(self) -> Any:
        if os.getpid() not in self._clients:
            module = require("petrel_client.client", extra="s3", what="PetrelClientBackend")
            self._clients[os.getpid()] = module.Client(
                conf_path=self._conf_path, enable_mc=self._enable_mc
            )
        return self._clients[os.getpid()]

    def _walk(self, root: str, inside: str, wanted: folders.Wanted) -> Iterator[str]:
        for entry in self._client.list(root + inside):
            name = inside + entry.rstrip("/")
            if entry.endswith("/"):
                if wanted.list_dir:
                    yield name
                if wanted.recursive:
                    yield from self._walk(root, f"{name}/", wanted)
            elif wanted.takes(name):
                yield name

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_clients": {}}
