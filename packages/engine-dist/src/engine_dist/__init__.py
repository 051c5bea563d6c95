"""Communication between training processes."""

from engine_dist.__about__ import __version__

__all__ = ["__version__"]
