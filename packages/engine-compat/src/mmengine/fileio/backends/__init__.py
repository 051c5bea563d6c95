"""Names of MMEngine's `mmengine.fileio.backends`, from engine_fileio and engine_fileio.backends."""

from engine_fileio import (
    BaseStorageBackend,
    HTTPBackend,
    LmdbBackend,
    LocalBackend,
    MemcachedBackend,
    PetrelBackend,
    register_backend,
)
from engine_fileio.backends import backends, prefix_to_backends

__all__ = [
    "BaseStorageBackend",
    "HTTPBackend",
    "LmdbBackend",
    "LocalBackend",
    "MemcachedBackend",
    "PetrelBackend",
    "backends",
    "prefix_to_backends",
    "register_backend",
]
