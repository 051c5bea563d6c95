"""Names of MMEngine's `mmengine.fileio.handlers.json_handler`, from engine_fileio."""

from engine_fileio import JsonHandler

__all__ = ["JsonHandler"]
