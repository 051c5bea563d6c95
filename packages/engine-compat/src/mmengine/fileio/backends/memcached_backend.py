"""Names of MMEngine's `mmengine.fileio.backends.memcached_backend`, from engine_fileio."""

from engine_fileio import MemcachedBackend

__all__ = ["MemcachedBackend"]
