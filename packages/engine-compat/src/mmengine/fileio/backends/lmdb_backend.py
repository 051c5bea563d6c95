"""Names of MMEngine's `mmengine.fileio.backends.lmdb_backend`, from engine_fileio."""

from engine_fileio import LmdbBackend

__all__ = ["LmdbBackend"]
