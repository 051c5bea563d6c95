"""Whether the parts of a checkpoint are of the types that a resume takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from engine_checkpoint.errors import CheckpointError

__all__ = ["check_resumable", "dataset_meta_of", "meta_of"]

_CLOCKS: Final = ("epoch", "iter")
_HUB: Final = ("log_scalars", "runtime_info", "resumed_keys")


def meta_of(checkpoint: Any, name: str = "the checkpoint") -> Mapping[Any, Any]:
    """Return what a checkpoint says of its training; empty if it says nothing.

    Raises:
        CheckpointError: it is damaged, or somebody meant it to be.
    """
    meta = checkpoint.get("meta") if isinstance(checkpoint, Mapping) else None
    if meta is not None and not isinstance(meta, Mapping):
        _refuse(name, "meta", wanted="a dict", found=meta)
    return meta or {}


def dataset_meta_of(checkpoint: Any, name: str = "the checkpoint") -> Mapping[Any, Any]:
    """Return what a checkpoint says of its data set; empty if it says nothing.

    Raises:
        CheckpointError: it is damaged.
    """
    found = meta_of(checkpoint, name).get("dataset_meta")
    if found is not None and not isinstance(found, Mapping):
        _refuse(name, "meta['dataset_meta']", wanted="a dict", found=found)
    return found or {}


def check_resumable(checkpoint: Any, name: str) -> None:
    """Refuse what no training can go on from.

    Raises:
        CheckpointError: it lacks what says where a training stood, or a part is of a wrong type.
    """
    meta = checkpoint.get("meta") if isinstance(checkpoint, Mapping) else None
    if (
        not isinstance(meta, Mapping)
        or any(key not in meta for key in _CLOCKS)
        or "message_hub" not in checkpoint
    ):
        raise CheckpointError(
            f"{name} can't be resumed from: it holds weights alone, not where a training "
            "stood. To start from them, give it as load_from without resume"
        )
    if "state_dict" not in checkpoint:
        raise CheckpointError(f"{name} is damaged: its weights, state_dict, are missing")
    for key in _CLOCKS:
        if not _is_count(meta[key]):
            _refuse(name, f"meta[{key!r}]", wanted="a count", found=meta[key])
    if not isinstance(meta.get("seed"), int | None):
        _refuse(name, "meta['seed']", wanted="a number", found=meta["seed"])
    for key, (fits, wanted) in _PARTS.items():
        if key in checkpoint and not fits(checkpoint[key]):
            _refuse(name, key, wanted=wanted, found=checkpoint[key])


def _refuse(name: str, place: str, *, wanted: str, found: Any) -> None:
    raise CheckpointError(
        f"{name} is damaged: its {place} should be {wanted}, and is {found!r:.80}"
    )


def _are(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _is_count(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= 0)


def _is_dict(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_named(value: Any) -> bool:
    return _is_dict(value) and all(isinstance(key, str) for key in value)


def _is_state(value: Any) -> bool:
    return value is None or _is_dict(value)


def _is_hub(value: Any) -> bool:
    if not _is_dict(value):  # MMEngine's former versions kept the hub itself
        return all(hasattr(value, f"_{part}") for part in _HUB)
    return all(_is_named(value.get(part)) for part in _HUB)


def _is_optimizer(value: Any) -> bool:
    if not _is_dict(value):
        return False
    if "param_groups" not in value:
        return all(_is_dict(each) for each in value.values() if not isinstance(each, str | bool))
    groups, states = value["param_groups"], value.get("state", {})
    if not _is_dict(states) or not all(map(_is_dict, states.values())):
        return False
    return _are(_is_dict)(groups) and all(isinstance(each.get("params"), list) for each in groups)


def _are_states(value: Any) -> bool:
    each = _are(_is_dict)
    return each(value) or (_is_named(value) and all(map(each, value.values())))


def _is_clocks(value: Any) -> bool:
    if value is None:
        return True
    return _is_named(value) and all(
        each is None or (type(each) is int and each >= 0) for each in value.values()
    )


_PARTS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "state_dict": (_is_named, "weights by name"),
    "message_hub": (_is_hub, f"a dict of {', '.join(_HUB)}"),
    "optimizer": (_is_optimizer, "the state of an optimizer"),
    "param_schedulers": (_are_states, "a list of states"),
    "train_state": (_is_clocks, "counts by name"),
    "rng": (_are(_is_dict), "a list of states"),
    "buffers": (_are(_is_state), "a list of tensors by name"),
    "accumulation": (_are(_is_state), "a list of gradients"),
    "data": (lambda value: isinstance(value, list), "a list of states"),
}
