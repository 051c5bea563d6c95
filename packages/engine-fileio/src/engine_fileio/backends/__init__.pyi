# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_fileio.backends.base import (
    BaseStorageBackend as BaseStorageBackend,
    FileInfo as FileInfo,
)
from engine_fileio.backends.fsspec import (
    FsspecBackend as FsspecBackend,
)
from engine_fileio.backends.http import (
    HTTPBackend as HTTPBackend,
)
from engine_fileio.backends.lmdb import (
    LmdbBackend as LmdbBackend,
)
from engine_fileio.backends.local import (
    LocalBackend as LocalBackend,
)
from engine_fileio.backends.memcached import (
    MemcachedBackend as MemcachedBackend,
)
from engine_fileio.backends.memory import (
    MemoryBackend as MemoryBackend,
)
from engine_fileio.backends.petrel import (
    PetrelBackend as PetrelBackend,
)
from engine_fileio.backends.registry import (
    backends as backends,
    prefix_to_backends as prefix_to_backends,
    register_backend as register_backend,
    set_petrel_first as set_petrel_first,
)
from engine_fileio.backends.s3 import (
    S3Backend as S3Backend,
)
