"""Names of MMEngine's `mmengine.fileio.file_client`, from engine_fileio."""

from engine_fileio import FileClient, HardDiskBackend

__all__ = ["FileClient", "HardDiskBackend"]
