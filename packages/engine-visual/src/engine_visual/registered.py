"""The names that configs know this package's classes by; nothing is imported before it is used."""

from __future__ import annotations

from engine_registry.root import VISBACKENDS, VISUALIZERS

__all__ = ["register"]

_BACKENDS = {
    "AimVisBackend": "aim",
    "ClearMLVisBackend": "clearml",
    "DVCLiveVisBackend": "dvclive",
    "LocalVisBackend": "local",
    "MLflowVisBackend": "mlflow",
    "NeptuneVisBackend": "neptune",
    "SwanLabVisBackend": "swanlab",
    "TensorboardVisBackend": "tensorboard",
    "TrackioVisBackend": "trackio",
    "WandbVisBackend": "wandb",
}


def register() -> None:
    """Fill the root registries `VISUALIZERS` and `VISBACKENDS`; called at the first miss."""
    VISUALIZERS.register_lazy("Visualizer", "engine_visual.visualizer:Visualizer")
    for name, module in _BACKENDS.items():
        VISBACKENDS.register_lazy(name, f"engine_visual.backends.{module}:{name}")
