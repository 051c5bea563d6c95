# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_visual.backends.aim import (
    AimVisBackend as AimVisBackend,
)
from engine_visual.backends.base import (
    BaseVisBackend as BaseVisBackend,
    force_init_env as force_init_env,
)
from engine_visual.backends.clearml import (
    ClearMLVisBackend as ClearMLVisBackend,
)
from engine_visual.backends.dvclive import (
    DVCLiveVisBackend as DVCLiveVisBackend,
)
from engine_visual.backends.errors import (
    MissingTrackerError as MissingTrackerError,
    TrackerError as TrackerError,
)
from engine_visual.backends.local import (
    LocalVisBackend as LocalVisBackend,
)
from engine_visual.backends.mlflow import (
    MLflowVisBackend as MLflowVisBackend,
)
from engine_visual.backends.neptune import (
    NeptuneVisBackend as NeptuneVisBackend,
)
from engine_visual.backends.swanlab import (
    SwanLabVisBackend as SwanLabVisBackend,
)
from engine_visual.backends.tensorboard import (
    TensorboardVisBackend as TensorboardVisBackend,
)
from engine_visual.backends.tracker import (
    TrackerVisBackend as TrackerVisBackend,
)
from engine_visual.backends.trackio import (
    TrackioVisBackend as TrackioVisBackend,
)
from engine_visual.backends.wandb import (
    WandbVisBackend as WandbVisBackend,
)
