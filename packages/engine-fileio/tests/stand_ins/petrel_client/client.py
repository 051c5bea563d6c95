"""The methods of Petrel's client, as its users call them."""

from __future__ import annotations

from collections.abc import Iterator

_store: dict[str, bytes] = {}


class Client:
    """Keeps what it is given in this process."""

    def __init__(self, conf_path: str | None = None, enable_mc: bool = True) -> None:
        self.conf_path = conf_path

    def Get(self, uri: str) -> memoryview | None:
        """The bytes, or None."""
        return memoryview(_store[uri]) if uri in _store else None

    def put(self, uri: str, data: bytes) -> None:
        """Keep the bytes."""
        _store[uri] = data

    def contains(self, uri: str) -> bool:
        """Whether there is a file."""
        return uri in _store

    def isdir(self, uri: str) -> bool:
        """Whether there is a folder."""
        return any(key.startswith(uri.rstrip("/") + "/") for key in _store)

    def delete(self, uri: str) -> None:
        """Forget the bytes."""
        del _store[uri]

    def list(self, uri: str) -> Iterator[str]:
        """What is in a folder; folders end in a slash."""
        below = [key[len(uri) :] for key in sorted(_store) if key.startswith(uri)]
        return iter({key.split("/")[0] + "/" * ("/" in key): None for key in below})

    def generate_presigned_url(self, uri: str, client_method: str, expires_in: int) -> str:
        """A URL."""
        return f"http://signed/{uri}?{client_method}={expires_in}"
