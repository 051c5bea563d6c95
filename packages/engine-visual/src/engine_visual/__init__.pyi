# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_visual.__about__ import (
    __version__ as __version__,
)
from engine_visual.backends import (
    AimVisBackend as AimVisBackend,
    BaseVisBackend as BaseVisBackend,
    ClearMLVisBackend as ClearMLVisBackend,
    DVCLiveVisBackend as DVCLiveVisBackend,
    LocalVisBackend as LocalVisBackend,
    MLflowVisBackend as MLflowVisBackend,
    MissingTrackerError as MissingTrackerError,
    NeptuneVisBackend as NeptuneVisBackend,
    SwanLabVisBackend as SwanLabVisBackend,
    TensorboardVisBackend as TensorboardVisBackend,
    TrackerError as TrackerError,
    TrackerVisBackend as TrackerVisBackend,
    TrackioVisBackend as TrackioVisBackend,
    WandbVisBackend as WandbVisBackend,
    force_init_env as force_init_env,
)
from engine_visual.errors import (
    MissingGlyphError as MissingGlyphError,
    NoImageError as NoImageError,
)
from engine_visual.plots import (
    compare as compare,
    plot_curve as plot_curve,
    plot_scalars as plot_scalars,
)
from engine_visual.report import (
    write_report as write_report,
)
from engine_visual.samples import (
    Look as Look,
    draws_field as draws_field,
)
from engine_visual.visualizer import (
    Visualizer as Visualizer,
)
