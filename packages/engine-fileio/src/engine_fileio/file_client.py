"""MMEngine's old interface. New code calls the functions of ``engine_fileio`` instead."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar

from engine_fileio.address import Address, split_prefix
from engine_fileio.backends.base import BaseStorageBackend
from engine_fileio.backends.local import LocalBackend
from engine_fileio.backends.petrel import PetrelBackend
from engine_fileio.backends.registry import (
    Kind,
    backend_for,
    backends,
    freeze,
    prefix_to_backends,
    s3_is_petrel,
)
from engine_fileio.backends.s3 import S3Backend
from engine_fileio.backends.store import Suffix


class HardDiskBackend(LocalBackend):
    """The old name of ``LocalBackend``."""


class FileClient:
    """One back-end, chosen by name or by prefix; the same arguments give the same instance.

    Deprecated in MMEngine, and so here. ``backend`` is its name (``disk`` if there is no prefix
    either), ``prefix`` what stands before ``://`` in its addresses; the rest is what the
    back-end's class takes.

    Raises:
        ValueError: the name or the prefix is unknown.
    """

    # tables of its own, as in MMEngine: what `register_backend` adds is not found here
    _backends: ClassVar[dict[str, Kind]] = {"disk": HardDiskBackend, **backends}
    _prefix_to_backends: ClassVar[dict[str, Kind]] = dict(prefix_to_backends)
    _instances: ClassVar[dict[object, FileClient]] = {}

    client: BaseStorageBackend

    def __new__(  # noqa: D102 - the class says it
        cls, backend: str | None = None, prefix: str | None = None, **kwargs: Any
    ) -> FileClient:
        warnings.warn(
            "FileClient is deprecated: call engine_fileio.get, put and so on",
            DeprecationWarning,
            stacklevel=2,
        )
        return cls._shared(backend, prefix, kwargs)

    @classmethod
    def _shared(cls, backend: str | None, prefix: str | None, kwargs: dict[str, Any]) -> FileClient:
        if backend is None and prefix is None:
            backend = "disk"
        kind = cls._kind(backend, prefix)
        if backend is None and kind is S3Backend and s3_is_petrel(kwargs):
            kind = PetrelBackend
        key = (kind, freeze(kwargs))
        if key not in cls._instances:
            made = super().__new__(cls)
            made.client = kind(**kwargs)
            cls._instances[key] = made
        return cls._instances[key]

    @classmethod
    def _kind(cls, backend: str | None, prefix: str | None) -> Kind:
        if backend is not None:
            what, wanted, table = "back-end", backend, cls._backends
        else:
            what, wanted, table = "prefix", prefix or "", cls._prefix_to_backends
        if wanted not in table:
            known = ", ".join(sorted(filter(None, table)))
            raise ValueError(f"no {what} is registered as {wanted!r}; there are: {known}")
        return table[wanted]

    @property
    def name(self) -> str:
        """The name of the back-end's class."""
        return self.client.name

    @property
    def allow_symlink(self) -> bool:
        """Whether the store knows symbolic links."""
        return self.client.allow_symlink

    @staticmethod
    def parse_uri_prefix(uri: Address) -> str | None:
        """What stands before ``://``, without a cluster's name; None for a local path."""
        return split_prefix(uri)[1] or None

    @classmethod
    def infer_client(
        cls, file_client_args: Mapping[str, Any] | None = None, uri: Address | None = None
    ) -> FileClient:
        """Return a client by its arguments, or by the prefix of ``uri`` if there are none."""
        if file_client_args is not None:
            return cls(**file_client_args)
        if uri is None:
            raise ValueError("give file_client_args or uri")
        prefix = cls.parse_uri_prefix(uri)
        return cls(prefix=prefix) if prefix else cls("disk")

    @classmethod
    def register_backend(
        cls,
        name: str,
        backend: Kind | None = None,
        force: bool = False,
        prefixes: str | list[str] | tuple[str, ...] | None = None,
    ) -> Callable[[Kind], Kind] | None:
        """Let a back-end be found by this class; without ``backend``, a class decorator.

        Raises:
            KeyError: the name or a prefix is taken, and ``force`` is False.
        """
        own = [prefixes] if isinstance(prefixes, str) else list(prefixes or ())

        def register(kind: Kind) -> Kind:
            if not (isinstance(kind, type) and issubclass(kind, BaseStorageBackend)):
                raise TypeError(f"{name!r} must be a subclass of BaseStorageBackend, got {kind!r}")
            taken = [one for one in own if one in cls._prefix_to_backends] + [name] * (
                name in cls._backends
            )
            if taken and not force:
                raise KeyError(f"{', '.join(taken)} is registered already; force=True replaces it")
            cls._backends[name] = kind
            cls._prefix_to_backends.update(dict.fromkeys(own, kind))
            return kind

        if backend is None:
            return register
        register(backend)
        return None

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file."""
        return self.client.get(filepath)

    def get_text(self, filepath: Address, encoding: str = "utf-8") -> str:
        """Return a file's text."""
        return self.client.get_text(filepath, encoding=encoding)

    def put(self, obj: bytes, filepath: Address) -> None:
        """Write a file."""
        self.client.put(obj, filepath)

    def put_text(self, obj: str, filepath: Address) -> None:
        """Write a text file."""
        self.client.put_text(obj, filepath)

    def remove(self, filepath: Address) -> None:
        """Remove a file."""
        self.client.remove(filepath)

    def exists(self, filepath: Address) -> bool:
        """Whether there is a file or folder."""
        return self.client.exists(filepath)

    def isdir(self, filepath: Address) -> bool:
        """Whether there is a folder."""
        return self.client.isdir(filepath)

    def isfile(self, filepath: Address) -> bool:
        """Whether there is a file."""
        return self.client.isfile(filepath)

    def join_path(self, filepath: Address, *filepaths: Address) -> str:
        """Join the parts of an address."""
        return self.client.join_path(filepath, *filepaths)

    def get_local_path(self, filepath: Address) -> AbstractContextManager[str | Path]:
        """Give the path of a local copy for the time of the block."""
        return self.client.get_local_path(filepath)

    def list_dir_or_file(
        self,
        dir_path: Address,
        list_dir: bool = True,
        list_file: bool = True,
        suffix: Suffix = None,
        recursive: bool = False,
    ) -> Iterator[str]:
        """Yield what is in a folder, as paths relative to it."""
        yield from self.client.list_dir_or_file(dir_path, list_dir, list_file, suffix, recursive)


def client_or_backend(
    uri: Address | None,
    file_client_args: Mapping[str, Any] | None,
    backend_args: Mapping[str, Any] | None,
) -> BaseStorageBackend:
    """The back-end that a function with both kinds of arguments means.

    Raises:
        ValueError: both kinds are given.
    """
    if file_client_args is None:
        return backend_for(uri or "", backend_args)
    if backend_args is not None:
        raise ValueError("file_client_args and backend_args cannot both be given; use backend_args")
    warnings.warn(
        "file_client_args is deprecated: use backend_args", DeprecationWarning, stacklevel=3
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return FileClient.infer_client(file_client_args, uri).client
