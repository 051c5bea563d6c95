"""Checkpoints: written whole or not at all, read without executing anything."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_runner.checkpoint.background": ["Background"],
        "engine_runner.checkpoint.errors": [
            "CheckpointError",
            "MissingCheckpointError",
            "UnsafeCheckpointError",
            "WrongModelError",
        ],
        "engine_runner.checkpoint.newest": [
            "LAST",
            "Resumable",
            "find_latest_checkpoint",
            "is_whole",
            "numbers_in",
            "point_to",
            "resumable",
        ],
        "engine_runner.checkpoint.publish": ["publish_model"],
        "engine_runner.checkpoint.read": ["read_file"],
        "engine_runner.checkpoint.resumable_parts": ["check_resumable"],
        "engine_runner.checkpoint.safetensors_file": ["read_safetensors", "safetensors_of"],
        "engine_runner.checkpoint.schemes": [
            "CheckpointLoader",
            "get_deprecated_model_names",
            "get_external_models",
            "get_mmcls_models",
            "get_torchvision_models",
        ],
        "engine_runner.checkpoint.serializable": ["NotKeptError", "kept", "kept_parts"],
        "engine_runner.checkpoint.sharded_folder": ["is_sharded_checkpoint", "remove_checkpoint"],
        "engine_runner.checkpoint.sharded_own": ["OWN", "read_own_part"],
        "engine_runner.checkpoint.sharded_read": ["Like", "read_sharded"],
        "engine_runner.checkpoint.sharded_write": ["ShardedWriter", "check_local"],
        "engine_runner.checkpoint.snapshot": ["Snapshots"],
        "engine_runner.checkpoint.together": ["on_every_rank", "on_main_rank"],
        "engine_runner.checkpoint.weights": [
            "LoadReport",
            "get_state_dict",
            "load_checkpoint",
            "load_into_model",
            "load_state_dict",
            "read_with_prefix",
            "revised",
            "unwrapped",
            "weights_of",
            "weights_to_cpu",
        ],
        "engine_runner.checkpoint.write": ["save_checkpoint"],
    },
)
