"""Names of MMEngine's `mmengine.fileio.backends.http_backend`, from engine_fileio."""

from engine_fileio import HTTPBackend

__all__ = ["HTTPBackend"]
