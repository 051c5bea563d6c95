"""The runner, and everything that MMEngine keeps beside it."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.amp": ["autocast"],
        "engine_checkpoint": [
            "CheckpointLoader",
            "find_latest_checkpoint",
            "get_deprecated_model_names",
            "get_external_models",
            "get_mmcls_models",
            "get_state_dict",
            "get_torchvision_models",
            "load_checkpoint",
            "load_state_dict",
            "save_checkpoint",
            "weights_to_cpu",
        ],
        "engine_runner.hooks": ["Priority", "get_priority"],
        "engine_runner.logs": ["LogProcessor"],
        "engine_runner.loops": [
            "BaseLoop",
            "EpochBasedTrainLoop",
            "IterBasedTrainLoop",
            "TestLoop",
            "ValLoop",
        ],
        "engine_model.activation_checkpointing": ["turn_on_activation_checkpointing"],
        "engine_runner.randomness": ["set_random_seed"],
        "engine_runner.runner.environment_report": ["collect_env"],
        "engine_runner.runner.runner": ["Runner"],
    },
)
