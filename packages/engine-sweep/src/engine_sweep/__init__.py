"""Search the values of a training's config with Optuna: many trials, in many processes."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_sweep.__about__": ["__version__"],
        "engine_sweep.errors": ["SpaceError"],
        "engine_sweep.settings": ["SweepSettings"],
        "engine_sweep.space": ["distribution_of"],
        "engine_sweep.sweep": ["Sweep"],
        "engine_sweep.trial_hook": ["TrialHook"],
    },
)
