"""Where the time of a training went, in a sentence that says what to do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from torch.utils.data import DataLoader

__all__ = ["breakdown", "data_verdict", "verdict"]

_KEEPS_UP: Final = 0.1  # of the time; waiting for less is nothing to do something about
_ADVICE: Final = {
    "transfer": (
        "moving batches to the device and preparing them there took it: set pin_memory=True in "
        "train_dataloader with data_preprocessor=dict(non_blocking=True), or train_cfg=dict("
        "prefetch=2)"
    ),
    "optimizer": "the optimizer took it: try its fused=True or foreach=True, or accumulate",
    "hooks": "hooks took it: look at the intervals of logger, checkpoint and hooks of your own",
}
_MUCH: Final = {"transfer": 0.15, "optimizer": 0.3, "hooks": 0.15}


def data_verdict(waited: float, whole: float, loader: Any, *, first: float, prefetch: int) -> str:
    """Return how much of the time the model waited for data, and what to do about it.

    Args:
        waited: seconds.
        whole: seconds of all iterations.
        loader: where the data come from.
        first: how many of the seconds were for the first batches of passes.
        prefetch: how many batches are read ahead already.
    """
    share = waited / whole if whole > 0 else 0.0
    said = (
        f"{_percent(share)} of the time ({waited:.1f} of {whole:.1f} s) the model waited for data"
    )
    if share < _KEEPS_UP:
        return f"{said}: they keep up"
    return f"{said}: {_remedy(loader, mostly_first=first > waited / 2, prefetch=prefetch)}"


def verdict(
    parts: Mapping[str, float], loader: Any, *, first: float = 0.0, prefetch: int = 0
) -> str:
    """Return what the model waited for most that can be helped, and what to do about it.

    Args:
        parts: seconds of "data", "transfer", "forward", "backward", "optimizer" and "hooks".
        loader: where the data come from.
        first: seconds of waiting for the first batches of passes.
        prefetch: how many batches are read ahead already.
    """
    whole = sum(parts.values())
    if whole <= 0:
        return "nothing was timed"
    worst = max((name for name in parts if name in _MUCH), key=lambda name: parts[name])
    share = parts[worst] / whole
    data = parts.get("data", 0.0)
    if data / whole >= _KEEPS_UP and data >= parts[worst]:
        return data_verdict(data, whole, loader, first=first, prefetch=prefetch)
    if share >= _MUCH[worst]:
        spent = f"{_percent(share)} of the time ({parts[worst]:.1f} of {whole:.1f} s)"
        return f"{spent} was not the model's own: {_ADVICE[worst]}"
    own = parts.get("forward", 0.0) + parts.get("backward", 0.0)
    return (
        f"{_percent(own / whole)} of the time ({own:.1f} of {whole:.1f} s) the model itself "
        "computed: nothing keeps it waiting; half precision (AmpOptimWrapper), compile or a "
        "smaller model would make it quicker"
    )


def breakdown(parts: Mapping[str, float]) -> str:
    """Return the share of each part, as ``data 62 %, forward 20 %``."""
    whole = sum(parts.values()) or 1.0
    return ", ".join(f"{name} {_percent(value / whole)}" for name, value in parts.items())


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _remedy(loader: Any, *, mostly_first: bool, prefetch: int) -> str:
    ahead = "" if prefetch else ", or set prefetch=2 in train_cfg"
    if not isinstance(loader, DataLoader):
        return f"its loader, a {type(loader).__name__}, should read in more processes{ahead}"
    workers, cores = loader.num_workers, _cores()
    if workers and mostly_first and not loader.persistent_workers:
        return (
            "most of it for the first batch of each pass: set persistent_workers=True in "
            "train_dataloader"
        )
    if workers < cores:
        return f"raise num_workers of train_dataloader above {workers}{ahead}"
    return (
        f"its {workers} workers have {cores} cores: make the data cheaper to read (smaller files, "
        "quicker transforms, transforms on the device in data_preprocessor)"
    )


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
