"""Files in memcached servers; their addresses are the keys."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from engine_fileio.address import Address, local_path, posix, shown
from engine_fileio.atomic import Buffer
from engine_fileio.backends.base import BaseStorageBackend
from engine_fileio.errors import (
    RemoteError,
    UnreachableError,
    already_there,
    no_such_file,
)
from engine_fileio.optional import later, require

_LONGEST_KEY = 250  # bytes, memcached's limit
_PORT = 11211


class MemcachedBackend(BaseStorageBackend):
    """Files in memcached servers; their addresses are the keys.

    The servers bound a file's size (``-I``, 1 MB unless told) and forget what is used least.
    There are no folders. A key that memcached would refuse is percent-encoded, and ends in its
    digest if it is too long.

    Args:
        server_list_cfg: the servers: ``host:port`` (several by commas), a list of them, or the
            path of a file with one a line.
        client_cfg: options of ``pymemcache.HashClient``: a mapping, the path of a JSON or YAML
            file with one, or None.
        sys_path: a folder to look for Python packages in.
        connect_timeout: seconds to wait for a connection.
        timeout: seconds to wait for an answer.
    """

    def __init__(
        self,
        server_list_cfg: str | Sequence[str],
        client_cfg: str | Mapping[str, Any] | None,
        sys_path: str | None = None,
        *,
        connect_timeout: float = 5.0,
        timeout: float = 30.0,
    ) -> None:
        if sys_path is not None and sys_path not in sys.path:
            sys.path.append(sys_path)
        require("pymemcache", extra="memcached", what="MemcachedBackend")
        self._servers = _servers(server_list_cfg)
        self._options = {
            "connect_timeout": connect_timeout,
            "timeout": timeout,
            "use_pooling": True,
            "no_delay": True,
            **_options(client_cfg),
        }
        self._clients: dict[int, Any] = {}
        self._lock = Lock()

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file."""
        value = self._ask("get", filepath, _key(filepath))
        if value is None:
            raise no_such_file(filepath, "memcached has no such key, or has forgotten it")
        return bytes(value)

    def get_text(self, filepath: Address, encoding: str | None = None) -> str:
        """Return a file's text; ``encoding`` None is UTF-8."""
        return self.get(filepath).decode(encoding or "utf-8")

    def put(self, obj: Buffer, filepath: Address, *, overwrite: bool = True) -> None:
        """Hand a file to the servers.

        Raises:
            RemoteError: the server did not take it; the message has its size.
        """
        how = "set" if overwrite else "add"
        if self._ask(how, filepath, _key(filepath), bytes(obj), noreply=False):
            return
        if not overwrite and self.isfile(filepath):
            raise already_there(filepath)
        raise RemoteError(
            f"memcached did not take {shown(filepath)!r} of {len(obj)} bytes; "
            f"its limit on a value is set by -I"
        )

    def isfile(self, filepath: Address) -> bool:
        """Whether there is such a key."""
        return self._ask("get", filepath, _key(filepath)) is not None

    def remove(self, filepath: Address) -> None:
        """Remove a key."""
        if not self._ask("delete", filepath, _key(filepath), noreply=False):
            raise no_such_file(filepath, "memcached has no such key")

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    def _ask(self, method: str, filepath: Address, *args: Any, **kwargs: Any) -> Any:
        pymemcache = require("pymemcache", extra="memcached", what="MemcachedBackend")
        try:
            return getattr(self._client, method)(*args, **kwargs)
        except pymemcache.MemcacheServerError as error:  # such as: object too large for cache
            raise RemoteError(f"memcached: {method} of {shown(filepath)!r}: {error}") from error
        except (OSError, pymemcache.MemcacheError) as error:
            servers = ", ".join(f"{host}:{port}" for host, port in self._servers)
            raise UnreachableError(
                f"memcached: {method} of {shown(filepath)!r} from {servers}: {error}"
            ) from error

    @property
    def _client(self) -> Any:
        """The client of this process."""
        found = self._clients.get(os.getpid())  # a forked child has connections of its own
        if found is None:
            module = require("pymemcache", extra="memcached", what="MemcachedBackend")
            with self._lock:
                found = self._clients.get(os.getpid())
                if found is None:
                    found = module.HashClient(self._servers, **self._options)
                    self._clients[os.getpid()] = found
        return found

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key not in ("_clients", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _clients={}, _lock=Lock())


def _servers(given: str | Sequence[str]) -> list[tuple[str, int]]:
    if isinstance(given, str):
        file = Path(local_path(given))
        given = file.read_text("utf-8").split() if file.is_file() else given.split(",")
    servers = []
    for one in filter(None, map(str.strip, given)):
        host, _, port = one.rpartition(":") if ":" in one else (one, "", str(_PORT))
        if not port.isdigit():
            raise ValueError(f"server_list_cfg: expected host:port, got {one!r}")
        servers.append((host, int(port)))
    if not servers:
        raise ValueError(f"server_list_cfg names no server: {given!r}; expected host:port")
    return servers


def _options(given: str | Mapping[str, Any] | None) -> dict[str, Any]:
    if isinstance(given, Mapping):
        return dict(given)
    if not given:
        return {}
    text = Path(local_path(given)).read_text("utf-8")
    if given.endswith(".json"):
        read = later("json").loads(text)
    else:
        yaml = later("yaml")
        read = yaml.safe_load(text)
    if not isinstance(read, dict):
        raise ValueError(f"client_cfg: expected a mapping in {given!r}, got {read!r:.80}")
    return read


def _key(filepath: Address) -> str:
    key = quote(posix(filepath), safe="/!#$&'()*+,:;=?@[]~.-_%<>^`{|}\"")
    if not key:
        raise ValueError("a key of memcached cannot be empty")
    if len(key) <= _LONGEST_KEY:
        return key
    digest = later("hashlib").sha256(key.encode()).hexdigest()
    return f"{key[: _LONGEST_KEY - len(digest) - 1]}:{digest}"
