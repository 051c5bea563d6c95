"""What a data loader says of itself: its length, its samplers, what is known of its data."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from engine_dist import get_data_info

__all__ = [
    "change_seed",
    "drawing_state",
    "global_batch_size",
    "is_skipped",
    "metainfo_of",
    "num_batches",
    "samplers_of",
    "set_drawing_state",
    "set_name_of",
    "tell_epoch",
]


def num_batches(loader: Any) -> int | None:
    """Return how many batches a pass has; None where its data set, a stream, doesn't say."""
    try:
        return len(loader)
    except TypeError:
        return None


def metainfo_of(loader: Any) -> Any:
    """Return what is known of all samples of a loader's data set; None if nothing is."""
    return getattr(getattr(loader, "dataset", None), "metainfo", None)


def set_name_of(loader: Any) -> str:
    """Return which of several data sets is being read; "" where there is only one."""
    found: str = getattr(loader, "set_name", "")
    return found


def is_skipped(loader: Any, name: str) -> bool:
    """Whether a metric is one of a set whose turn it isn't in the present evaluation."""
    return any(name.startswith(f"{each}/") for each in getattr(loader, "skipped", ()))


def samplers_of(loader: Any) -> list[Any]:
    """Return the sampler of a loader and that of its batch sampler, as far as there are."""
    inner = getattr(getattr(loader, "batch_sampler", None), "sampler", None)
    return [each for each in (getattr(loader, "sampler", None), inner) if each is not None]


def tell_epoch(loader: Any, epoch: int) -> None:
    """Tell the sampler, or the one in the batch sampler, which epoch is next, from 0."""
    for sampler in samplers_of(loader):
        if hasattr(sampler, "set_epoch"):
            sampler.set_epoch(epoch)
            return


def drawing_state(loader: Any) -> dict[str, Any]:
    """Return the state of what a loader draws indices by, and is its own: empty for most loaders.

    That are its generator and its samplers', as ``generators``, and what samplers say of
    themselves in a ``state_dict``, as ``samplers``. It is to be asked before a pass.
    """
    generators, samplers = _drawing(loader)
    return {
        "generators": [each.get_state() for each in generators],
        "samplers": [each.state_dict() for each in samplers],
    }


def set_drawing_state(loader: Any, state: dict[str, Any]) -> None:
    """Put a state that `drawing_state` returned into a loader of the same kind."""
    generators, samplers = _drawing(loader)
    for generator, one in zip(generators, state["generators"], strict=False):
        generator.set_state(one.cpu())
    for sampler, one in zip(samplers, state["samplers"], strict=False):
        sampler.load_state_dict(one)


def _drawing(loader: Any) -> tuple[list[torch.Generator], list[Any]]:
    parts = [getattr(loader, "batch_sampler", None), *samplers_of(loader)]
    unique = list({id(each): each for each in parts if each is not None}.values())
    held = [getattr(each, "generator", None) for each in (loader, *unique)]
    found = {id(each): each for each in held if isinstance(each, torch.Generator)}
    return list(found.values()), [
        each for each in unique if hasattr(each, "state_dict") and hasattr(each, "load_state_dict")
    ]


def global_batch_size(loader: Any) -> int | None:
    """Return how many samples a batch of all ranks together has; None if that isn't known."""
    sizes = (loader, getattr(loader, "batch_sampler", None))
    found = [getattr(each, "batch_size", None) for each in sizes]
    size = next((each for each in found if isinstance(each, int)), None)
    return None if size is None else size * get_data_info()[1]


def change_seed(loader: Any, old: int | None, new: int) -> None:
    """Let samplers and workers that were given the seed ``old`` draw by ``new``."""
    for sampler in samplers_of(loader):
        if getattr(sampler, "seed", None) == old:
            sampler.seed = new
    function = getattr(loader, "worker_init_fn", None)
    if isinstance(function, partial) and function.keywords.get("seed") == old:
        loader.worker_init_fn = partial(
            function.func, *function.args, **{**function.keywords, "seed": new}
        )
