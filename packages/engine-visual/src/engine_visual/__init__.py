"""Draw what the model sees, in whatever monitor people use."""

from engine_visual.__about__ import __version__
from engine_visual.backends import (
    AimVisBackend,
    BaseVisBackend,
    ClearMLVisBackend,
    DVCLiveVisBackend,
    LocalVisBackend,
    MissingTrackerError,
    MLflowVisBackend,
    NeptuneVisBackend,
    SwanLabVisBackend,
    TensorboardVisBackend,
    TrackerError,
    TrackerVisBackend,
    TrackioVisBackend,
    WandbVisBackend,
    force_init_env,
)
from engine_visual.errors import MissingGlyphError, NoImageError
from engine_visual.plots import compare, plot_scalars
from engine_visual.report import write_report
from engine_visual.samples import Look, draws_field
from engine_visual.visualizer import Visualizer

__all__ = [
    "AimVisBackend",
    "BaseVisBackend",
    "ClearMLVisBackend",
    "DVCLiveVisBackend",
    "LocalVisBackend",
    "Look",
    "MLflowVisBackend",
    "MissingGlyphError",
    "MissingTrackerError",
    "NeptuneVisBackend",
    "NoImageError",
    "SwanLabVisBackend",
    "TensorboardVisBackend",
    "TrackerError",
    "TrackerVisBackend",
    "TrackioVisBackend",
    "Visualizer",
    "WandbVisBackend",
    "__version__",
    "compare",
    "draws_field",
    "force_init_env",
    "plot_scalars",
    "write_report",
]
