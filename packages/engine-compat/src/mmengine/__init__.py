"""MMEngine's import paths on top of Engine."""

from mmengine.__about__ import __version__

__all__ = ["__version__"]
