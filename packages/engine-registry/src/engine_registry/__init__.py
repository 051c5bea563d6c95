"""Objects found by name: registries, scopes, global instances."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_registry.__about__": ["__version__"],
        "engine_registry.build": [
            "build_from_cfg",
            "build_model_from_cfg",
            "build_runner_from_cfg",
            "build_scheduler_from_cfg",
        ],
        "engine_registry.deprecation": ["deprecated"],
        "engine_registry.errors": [
            "MissingTypeError",
            "RegistryError",
            "TakenNameError",
            "UnknownNameError",
            "UntrustedNameError",
        ],
        "engine_registry.manager": ["ManagerMeta", "ManagerMixin"],
        "engine_registry.registry": ["Registry"],
        "engine_registry.root": [
            "DATASETS",
            "DATA_SAMPLERS",
            "EVALUATOR",
            "FUNCTIONS",
            "HOOKS",
            "INFERENCERS",
            "LOG_PROCESSORS",
            "LOOPS",
            "METRICS",
            "MODELS",
            "MODEL_WRAPPERS",
            "OPTIMIZERS",
            "OPTIM_WRAPPERS",
            "OPTIM_WRAPPER_CONSTRUCTORS",
            "PARAM_SCHEDULERS",
            "RUNNERS",
            "RUNNER_CONSTRUCTORS",
            "STRATEGIES",
            "TASK_UTILS",
            "TRANSFORMS",
            "VISBACKENDS",
            "VISUALIZERS",
            "WEIGHT_INITIALIZERS",
        ],
        "engine_registry.scope": ["DefaultScope", "alias_scope", "init_default_scope"],
        "engine_registry.listing": ["count_registered_modules", "traverse_registry_tree"],
        "engine_registry.trust": ["is_trusted", "trust_of", "trusting"],
    },
)
