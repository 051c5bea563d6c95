"""Strategy choice: the strategy that a config names, or else the one that fits the processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine_config import Config
from engine_registry import STRATEGIES
from engine_runner.strategy import (
    BaseStrategy,
    DDPStrategy,
    FSDPStrategy,
    SingleDeviceStrategy,
    StrategyRequest,
)

__all__ = ["built", "request_of"]


def built(
    strategy: BaseStrategy | dict[str, Any] | None, cfg: Config, *, distributed: bool
) -> BaseStrategy:
    """Return a strategy: what is one already, one of a config, or the default.

    Args:
        strategy: None is one device; if distributed, data-parallel.
        cfg: the whole config, which may have ``model_wrapper_cfg``, ``sync_bn`` and
            ``find_unused_parameters``.
        distributed: whether there are several processes.
    """
    if isinstance(strategy, BaseStrategy):
        return strategy
    if strategy is not None:
        made: BaseStrategy = STRATEGIES.build(strategy)
        return made
    if not distributed:
        return SingleDeviceStrategy()
    wrapper = cfg.get("model_wrapper_cfg")
    if wrapper and str(wrapper.get("type")).endswith("FullyShardedDataParallel"):
        return FSDPStrategy(model_wrapper=wrapper, sync_bn=cfg.get("sync_bn"))
    return DDPStrategy(
        model_wrapper=wrapper,
        sync_bn=cfg.get("sync_bn"),
        find_unused_parameters=cfg.get("find_unused_parameters", False),
    )


def request_of(
    arguments: Mapping[str, Any], cfg: Config, *, diff_rank_seed: bool
) -> StrategyRequest:
    """Return what a strategy is asked for by a runner's arguments and config."""
    return StrategyRequest(
        optim_wrapper=arguments["optim_wrapper"],
        hooks=[*(arguments["custom_hooks"] or ()), *(arguments["default_hooks"] or {}).values()],
        compile=cfg.get("compile", False),
        activation_checkpointing=cfg.get("activation_checkpointing"),
        efficient_conv_bn_eval=cfg.get("efficient_conv_bn_eval"),
        float8=cfg.get("float8", False),
        diff_rank_seed=diff_rank_seed,
        detect_anomaly=bool((arguments["train_cfg"] or {}).get("detect_anomaly", False)),
    )
