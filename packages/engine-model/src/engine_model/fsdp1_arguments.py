"""The arguments of torch's FSDP1, which MMEngine's configs have, as those of FSDP2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from engine_model.sharding import ShardOptions

__all__ = ["options_of_wrapper"]

# sharding_strategy: (reshard_after_forward, replicate)
_SHARDING: Final[dict[str, tuple[bool | None, int | str]]] = {
    "FULL_SHARD": (None, 1),
    "SHARD_GRAD_OP": (False, 1),
    "HYBRID_SHARD": (None, "node"),
    "_HYBRID_SHARD_ZERO2": (False, "node"),
}
# What FSDP2 does in any case, by the values that ask for it.
_ALWAYS: Final[dict[str, tuple[Any, ...]]] = {
    "type": ("MMFullyShardedDataParallel", "FullyShardedDataParallel"),
    "use_orig_params": (True, False),
    "sync_module_states": (True, False),
    "limit_all_gathers": (True, False),
    "backward_prefetch": (None, "BACKWARD_PRE"),
    "forward_prefetch": (False,),
    "process_group": (None,),
    "param_init_fn": (None,),
    "device_id": (None,),
    "ignored_modules": (None,),
    "ignored_parameters": (None,),
    "ignored_states": (None,),
}
_INSTEAD: Final = {
    "backward_prefetch": "FSDP2 gathers a part before the gradients of the one before it",
    "forward_prefetch": "call model.set_modules_to_forward_prefetch in a hook",
    "process_group": "give replicate=N, the number of copies, or 'node'",
    "param_init_fn": "give init='meta'",
    "device_id": "the device is that of the process",
    "ignored_modules": "give ignored=['head.*'], patterns of names of parameters",
    "ignored_parameters": "give ignored=['head.*'], patterns of names of parameters",
    "ignored_states": "give ignored=['head.*'], patterns of names of parameters",
}
# Settings of FSDP1's mixed precision that mean nothing to FSDP2, by the values that change nothing.
_PRECISION: Final[dict[str, tuple[Any, ...]]] = {
    "type": ("MixedPrecision",),
    "buffer_dtype": (None, "float32", "torch.float32"),
    "keep_low_precision_grads": (False,),
    "cast_root_forward_inputs": (True, False),
}
_OWN: Final = tuple(each.name for each in fields(ShardOptions))


def options_of_wrapper(given: Mapping[str, Any]) -> ShardOptions:
    """Return what the arguments of MMEngine's `MMFullyShardedDataParallel` mean.

    Args:
        given: a ``model_wrapper`` of a config; names of `ShardOptions` may be among them.

    Raises:
        TypeError, ValueError: an argument is unknown, or FSDP2 can't do it; the message says what
            to do instead.
    """
    found: dict[str, Any] = {key: value for key, value in given.items() if key in _OWN}
    for key, value in given.items():
        if key in _OWN and key not in ("cpu_offload", "mixed_precision"):
            continue
        if key == "sharding_strategy":
            found |= _sharding(value)
        elif key == "auto_wrap_policy":
            found["wrap_policy"] = value
        elif key == "cpu_offload":
            found[key] = _offload(value)
        elif key == "mixed_precision":
            found[key] = _precision(value)
        elif key not in _ALWAYS:
            raise TypeError(
                f"MMFullyShardedDataParallel has no argument {key!r}; it has "
                f"{', '.join(sorted({*_OWN, *_ALWAYS, 'sharding_strategy', 'auto_wrap_policy'}))}"
            )
        elif _last(value) not in _ALWAYS[key]:
            raise ValueError(
                f"MMFullyShardedDataParallel: FSDP2 has no {key}={value!r:.100}; "
                f"{_INSTEAD.get(key, f'leave {key} away')}"
            )
    return ShardOptions(**found)


def _last(value: Any) -> Any:
    """The name of a member of an enumeration, or the last part of an address."""
    value = getattr(value, "name", value)
    return value.rpartition(".")[2] if isinstance(value, str) else value


def _sharding(value: Any) -> dict[str, Any]:
    name = _last(value)
    if name is None:
        return {}
    if name == "NO_SHARD":
        raise ValueError("sharding_strategy: with NO_SHARD nothing is sharded: use DDPStrategy")
    if name not in _SHARDING:
        raise ValueError(
            f"sharding_strategy must be one of {', '.join(_SHARDING)}, got {value!r:.100}"
        )
    reshard, replicate = _SHARDING[name]
    return {"reshard_after_forward": reshard, "replicate": replicate}


def _offload(value: Any) -> bool:
    if isinstance(value, Mapping):
        value = value.get("offload_params", False)
    return bool(getattr(value, "offload_params", value))


def _precision(value: Any) -> Any:
    if not isinstance(value, Mapping):
        names = ("param_dtype", "reduce_dtype", "buffer_dtype", "cast_forward_inputs")
        if not hasattr(value, "keep_low_precision_grads"):
            return value
        value = {name: getattr(value, name) for name in names if hasattr(value, name)}
    settings = dict(value)
    for key, accepted in _PRECISION.items():
        if key in settings and _last(settings[key]) not in accepted:
            shown = settings[key]
            if key == "buffer_dtype":  # buffers keep theirs
                raise ValueError(
                    f"mixed_precision: FSDP2 leaves buffers in their dtype, got {key}={shown!r}; "
                    "convert them in the model"
                )
            raise ValueError(f"mixed_precision: FSDP2 has no {key}={shown!r}; leave it away")
        settings.pop(key, None)
    return settings
