"""Checkpoints: written whole or not at all, read without executing anything."""

from importlib import import_module

_NAMES = {
    "engine_checkpoint.__about__": ["__version__"],
    "engine_checkpoint.background": ["Background"],
    "engine_checkpoint.errors": [
        "CheckpointError",
        "MissingCheckpointError",
        "UnsafeCheckpointError",
        "WrongModelError",
    ],
    "engine_checkpoint.newest": [
        "LAST",
        "Resumable",
        "find_latest_checkpoint",
        "is_whole",
        "numbers_in",
        "point_to",
        "resumable",
    ],
    "engine_checkpoint.publish": ["publish_model"],
    "engine_checkpoint.read": ["read_file"],
    "engine_checkpoint.resume_check": ["check_resumable"],
    "engine_checkpoint.safetensors_file": ["read_safetensors", "safetensors_of"],
    "engine_checkpoint.loader": [
        "CheckpointLoader",
        "get_deprecated_model_names",
        "get_external_models",
        "get_mmcls_models",
        "get_torchvision_models",
    ],
    "engine_checkpoint.serializable": ["NotKeptError", "kept", "kept_parts"],
    "engine_checkpoint.sharded.folder": ["is_sharded_checkpoint", "remove_checkpoint"],
    "engine_checkpoint.sharded.rank_part": ["OWN", "read_own_part"],
    "engine_checkpoint.sharded.read": ["Like", "read_sharded"],
    "engine_checkpoint.sharded.write": ["ShardedWriter", "check_local"],
    "engine_checkpoint.snapshot": ["Snapshots"],
    "engine_checkpoint.collective_errors": ["on_every_rank", "on_main_rank"],
    "engine_checkpoint.weights": [
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
    "engine_checkpoint.write": ["save_checkpoint"],
}
__all__ = sorted(name for names in _NAMES.values() for name in names)


def __getattr__(name: str) -> object:
    """Import what is asked for, when it is."""
    for module, names in _NAMES.items():
        if name in names:
            found = globals()[name] = getattr(import_module(module), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
