"""Places where bytes have addresses. Each imports what it needs when it is first used."""

from importlib import import_module
from typing import Final

_NAMES: Final = {
    "engine_fileio.backends.base": ["BaseStorageBackend", "FileInfo"],
    "engine_fileio.backends.fsspec": ["FsspecBackend"],
    "engine_fileio.backends.http": ["HTTPBackend"],
    "engine_fileio.backends.lmdb": ["LmdbBackend"],
    "engine_fileio.backends.local": ["LocalBackend"],
    "engine_fileio.backends.memcached": ["MemcachedBackend"],
    "engine_fileio.backends.memory": ["MemoryBackend"],
    "engine_fileio.backends.petrel": ["PetrelBackend"],
    "engine_fileio.backends.registry": [
        "backends",
        "prefix_to_backends",
        "register_backend",
        "set_petrel_first",
    ],
    "engine_fileio.backends.s3": ["S3Backend"],
}
__all__ = sorted(name for names in _NAMES.values() for name in names)


def __getattr__(name: str) -> object:
    """Import what is asked for, when it is."""
    for module, names in _NAMES.items():
        if name in names:
            found = globals()[name] = getattr(import_module(module), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
