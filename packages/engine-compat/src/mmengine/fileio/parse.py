"""Names of MMEngine's `mmengine.fileio.parse`, from engine_fileio."""

from engine_fileio import dict_from_file, list_from_file

__all__ = ["dict_from_file", "list_from_file"]
