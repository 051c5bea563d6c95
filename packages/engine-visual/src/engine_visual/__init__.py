"""Draw what the model sees, in whatever monitor people use."""

from engine_visual.__about__ import __version__

__all__ = ["__version__"]
