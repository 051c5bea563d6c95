"""Names of MMEngine's `mmengine.fileio.handlers.pickle_handler`, from engine_fileio."""

from engine_fileio import PickleHandler

__all__ = ["PickleHandler"]
