"""Where images, scalars and configs of a run go: one file a platform, imported on use."""

from engine_visual.backends.aim import AimVisBackend
from engine_visual.backends.base import BaseVisBackend, force_init_env
from engine_visual.backends.clearml import ClearMLVisBackend
from engine_visual.backends.dvclive import DVCLiveVisBackend
from engine_visual.backends.errors import MissingTrackerError, TrackerError
from engine_visual.backends.local import LocalVisBackend
from engine_visual.backends.mlflow import MLflowVisBackend
from engine_visual.backends.neptune import NeptuneVisBackend
from engine_visual.backends.swanlab import SwanLabVisBackend
from engine_visual.backends.tensorboard import TensorboardVisBackend
from engine_visual.backends.tracker import TrackerVisBackend
from engine_visual.backends.trackio import TrackioVisBackend
from engine_visual.backends.wandb import WandbVisBackend

__all__ = [
    "AimVisBackend",
    "BaseVisBackend",
    "ClearMLVisBackend",
    "DVCLiveVisBackend",
    "LocalVisBackend",
    "MLflowVisBackend",
    "MissingTrackerError",
    "NeptuneVisBackend",
    "SwanLabVisBackend",
    "TensorboardVisBackend",
    "TrackerError",
    "TrackerVisBackend",
    "TrackioVisBackend",
    "WandbVisBackend",
    "force_init_env",
]
