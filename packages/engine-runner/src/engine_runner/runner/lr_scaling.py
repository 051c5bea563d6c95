"""Learning-rate scaling: rates that were found for one batch size, for another."""

from __future__ import annotations

import logging
from typing import Any

from engine_dist import get_data_info
from engine_runner.runner.config_keys import check_arguments

__all__ = ["base_batch_size", "multiply_lr", "scaling"]


def base_batch_size(auto_scale_lr: dict[str, Any] | None, schedulers: Any) -> float | None:
    """Return the batch size for which rates were found; None if they aren't to be scaled.

    Args:
        auto_scale_lr: ``base_batch_size`` and ``enable``.
        schedulers: schedulers, or their configs.

    Raises:
        TypeError: it has another key, or the batch size is no number.
        ValueError: ``base_batch_size`` is missing, or not positive.
        RuntimeError: schedulers were built.
    """
    if auto_scale_lr is None or not auto_scale_lr.get("enable", False):
        return None
    check_arguments("auto_scale_lr", auto_scale_lr, scaling)
    if "base_batch_size" not in auto_scale_lr:
        raise ValueError("auto_scale_lr needs the key 'base_batch_size'")
    if any(hasattr(each, "last_step") for each in _listed(schedulers)):
        raise RuntimeError("scale_lr comes before the schedulers, which keep the rates they saw")
    return scaling(base_batch_size=auto_scale_lr["base_batch_size"], enable=True)


def scaling(*, base_batch_size: float, enable: bool = False) -> float | None:
    """Return the batch size for which rates were found, if they are to be scaled.

    Raises:
        TypeError: it is no number.
        ValueError: it isn't positive.
    """
    given: Any = base_batch_size
    if not isinstance(given, int | float):
        told = type(given).__name__
        raise TypeError(f"auto_scale_lr: base_batch_size must be a number, got a {told}")
    if base_batch_size <= 0:
        raise ValueError(f"auto_scale_lr: base_batch_size must be positive, got {base_batch_size}")
    return base_batch_size if enable else None


def multiply_lr(
    optim_wrapper: Any, base: float, batch_size: int, *, logger: logging.Logger
) -> None:
    """Multiply learning rates (Goyal et al., arXiv:1706.02677, 2.1).

    Args:
        optim_wrapper: whose rates; one wrapper, or several by name.
        base: the batch size for which they were found.
        batch_size: that of each rank now.
        logger: is told.
    """
    batch = get_data_info()[1] * batch_size
    ratio = batch / base
    logger.info(
        "LR is set based on batch size of %s and the current batch size is %d. "
        "Scaling the original LR by %s.",
        *(base, batch, ratio),
    )
    several = hasattr(optim_wrapper, "optim_wrappers")
    for wrapper in optim_wrapper.values() if several else [optim_wrapper]:
        for group in wrapper.optimizer.param_groups:
            group["lr"] *= ratio


def _listed(schedulers: Any) -> list[Any]:
    """Schedulers or their configs, as a flat list."""
    if schedulers is None:
        return []
    if isinstance(schedulers, dict) and "type" not in schedulers:
        return [each for group in schedulers.values() for each in _listed(group)]
    return list(schedulers) if isinstance(schedulers, list | tuple) else [schedulers]
