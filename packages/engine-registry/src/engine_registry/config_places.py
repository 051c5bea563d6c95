"""Places in a config: what lies where, in which registry it is built."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from engine_registry.registry import Registry
from engine_registry.root import ROOT_REGISTRIES

__all__ = ["REGISTRY_BELOW", "Broken", "Place", "below", "contents_of", "joined"]

# Keys of configs below which one kind of thing is described, whatever is described above.
# "train_pipeline" and the like count as "pipeline".
REGISTRY_BELOW = {
    "model": "MODELS",
    "init_cfg": "WEIGHT_INITIALIZERS",
    "dataset": "DATASETS",
    "pipeline": "TRANSFORMS",
    "transforms": "TRANSFORMS",
    "sampler": "DATA_SAMPLERS",
    "batch_sampler": "DATA_SAMPLERS",
    "collate_fn": "FUNCTIONS",
    "optim_wrapper": "OPTIM_WRAPPERS",
    "optimizer": "OPTIMIZERS",
    "param_scheduler": "PARAM_SCHEDULERS",
    "hooks": "HOOKS",
    "evaluator": "METRICS",
    "visualizer": "VISUALIZERS",
    "vis_backends": "VISBACKENDS",
    "log_processor": "LOG_PROCESSORS",
    "strategy": "STRATEGIES",
    "model_wrapper_cfg": "MODEL_WRAPPERS",
}


# Of the top level alone: models have keys of these names for parts of their own.
_LOOPS = ("train_cfg", "val_cfg", "test_cfg")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A value of the config, and what surrounds it.

    ``registry`` is the one that the keys around it stand for, ``own`` the caller's.
    """

    value: Any
    path: str
    registry: Registry | None
    own: Registry | None
    scope: str | None


@dataclass(frozen=True)
class Broken:
    """Stands for a value that a config failed to import when it was asked for it."""

    error: Exception


def contents_of(value: Any) -> list[tuple[Any, Any]] | None:
    """Return keys and values of a container, lazy objects as they are; None for anything else."""
    if isinstance(value, dict):
        return list(dict.items(value))
    if isinstance(value, list | tuple):
        return list(enumerate(value))
    # Of the type, not the value: a lazy object has whatever attribute it is asked for.
    if not (hasattr(type(value), "__getitem__") and hasattr(value, "keys")):
        return None
    return [(key, _item(value, key)) for key in value.keys()]  # noqa: SIM118 - a Config's own


def _item(value: Any, key: Any) -> Any:
    """``value[key]``, which a config may have to import first."""
    try:
        return value[key]
    except Exception as error:
        return Broken(error)


def below(place: Place, key: Any, value: Any) -> Place:
    """Return the place of a member."""
    registry = place.registry
    if isinstance(key, str):
        for suffix, name in REGISTRY_BELOW.items():
            if key == suffix or key.endswith(f"_{suffix}"):
                root = ROOT_REGISTRIES[name]
                own = place.own
                registry = own if own is not None and own.name == root.name else root
        if not place.path and key in _LOOPS:
            registry = ROOT_REGISTRIES["LOOPS"]
    return replace(place, value=value, path=joined(place.path, key), registry=registry)


def joined(path: str, key: Any) -> str:
    """Return the path of a member."""
    return f"{path}.{key}" if path else str(key)
