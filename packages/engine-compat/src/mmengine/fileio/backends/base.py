"""Names of MMEngine's `mmengine.fileio.backends.base`, from engine_fileio."""

from engine_fileio import BaseStorageBackend

__all__ = ["BaseStorageBackend"]
