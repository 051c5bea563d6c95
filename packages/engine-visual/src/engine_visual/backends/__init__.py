"""Where images, scalars and configs of a run go: one file a platform, imported on use."""

from engine_visual.backends.base import BaseVisBackend, force_init_env
from engine_visual.backends.errors import MissingTrackerError, TrackerError
from engine_visual.backends.local import LocalVisBackend

__all__ = [
    "BaseVisBackend",
    "LocalVisBackend",
    "MissingTrackerError",
    "TrackerError",
    "force_init_env",
]
