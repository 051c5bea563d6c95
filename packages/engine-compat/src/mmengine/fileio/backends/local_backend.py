"""Names of MMEngine's `mmengine.fileio.backends.local_backend`, from engine_fileio."""

from engine_fileio import LocalBackend

__all__ = ["LocalBackend"]
