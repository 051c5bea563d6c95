"""One way to read and write, wherever the bytes are."""

from engine_fileio.__about__ import __version__

__all__ = ["__version__"]
