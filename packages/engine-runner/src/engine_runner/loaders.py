"""What a data loader says of itself: its length, its samplers, what is known of its data."""

from __future__ import annotations

from typing import Any

__all__ = ["is_skipped", "metainfo_of", "num_batches", "samplers_of", "set_name_of", "tell_epoch"]


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
