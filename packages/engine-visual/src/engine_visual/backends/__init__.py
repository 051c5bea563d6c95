"""Where images, scalars and configs of a run go: one file a platform, imported on use."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_visual.backends.aim": ["AimVisBackend"],
        "engine_visual.backends.base": ["BaseVisBackend", "force_init_env"],
        "engine_visual.backends.clearml": ["ClearMLVisBackend"],
        "engine_visual.backends.dvclive": ["DVCLiveVisBackend"],
        "engine_visual.backends.errors": ["MissingTrackerError", "TrackerError"],
        "engine_visual.backends.local": ["LocalVisBackend"],
        "engine_visual.backends.mlflow": ["MLflowVisBackend"],
        "engine_visual.backends.neptune": ["NeptuneVisBackend"],
        "engine_visual.backends.swanlab": ["SwanLabVisBackend"],
        "engine_visual.backends.tensorboard": ["TensorboardVisBackend"],
        "engine_visual.backends.tracker": ["TrackerVisBackend"],
        "engine_visual.backends.trackio": ["TrackioVisBackend"],
        "engine_visual.backends.wandb": ["WandbVisBackend"],
    },
)
