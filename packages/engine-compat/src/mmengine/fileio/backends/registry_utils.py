"""Names of MMEngine's `mmengine.fileio.backends.registry_utils`."""

from engine_fileio import register_backend
from engine_fileio.backends import backends, prefix_to_backends

__all__ = ["backends", "prefix_to_backends", "register_backend"]
