"""Draw what the model sees, in whatever monitor people use."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_visual.__about__": ["__version__"],
        "engine_visual.backends": [
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
        ],
        "engine_visual.errors": ["MissingGlyphError", "NoImageError"],
        "engine_visual.plots": ["compare", "plot_curve", "plot_scalars"],
        "engine_visual.report": ["write_report"],
        "engine_visual.samples": ["Look", "draws_field"],
        "engine_visual.visualizer": ["Visualizer"],
    },
    subpackages=["backends", "drawing", "report"],
)
