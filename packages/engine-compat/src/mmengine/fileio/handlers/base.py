"""Names of MMEngine's `mmengine.fileio.handlers.base`, from engine_fileio."""

from engine_fileio import BaseFileHandler

__all__ = ["BaseFileHandler"]
