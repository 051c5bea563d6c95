"""Places where bytes have addresses. Each imports what it needs when it is first used."""

from engine_fileio.backends.base import BaseStorageBackend, FileInfo
from engine_fileio.backends.fsspec import FsspecBackend
from engine_fileio.backends.http import HTTPBackend
from engine_fileio.backends.lmdb import LmdbBackend
from engine_fileio.backends.local import LocalBackend
from engine_fileio.backends.memcached import MemcachedBackend
from engine_fileio.backends.memory import MemoryBackend
from engine_fileio.backends.petrel import PetrelBackend
from engine_fileio.backends.registry import (
    backends,
    prefix_to_backends,
    register_backend,
    set_petrel_first,
)
from engine_fileio.backends.s3 import S3Backend

__all__ = [
    "BaseStorageBackend",
    "FileInfo",
    "FsspecBackend",
    "HTTPBackend",
    "LmdbBackend",
    "LocalBackend",
    "MemcachedBackend",
    "MemoryBackend",
    "PetrelBackend",
    "S3Backend",
    "backends",
    "prefix_to_backends",
    "register_backend",
    "set_petrel_first",
]
