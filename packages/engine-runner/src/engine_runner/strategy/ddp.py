"""A copy of the model in each process; gradients are averaged."""

from __future__ import annotations

from typing import Any

from torch import nn

from engine_model import convert_sync_batchnorm
from engine_registry import MODEL_WRAPPERS
from engine_runner.strategy.base import BaseStrategy
from engine_runner.strategy.checkpoint_kind import checkpoint_kind

__all__ = ["DDPStrategy"]


class DDPStrategy(BaseStrategy):
    """Distributed data-parallel training (torch's DistributedDataParallel).

    Args:
        model_wrapper: config of the wrapper; by default `MMDistributedDataParallel`.
        sync_bn: "torch" or "mmcv" to compute batch normalisation over all processes.
        find_unused_parameters: whether parameters may go without a gradient.
        state_dict_cfg: "full" for checkpoints of one file, which the main rank writes; "sharded"
            for a folder to which each rank writes its share.
    """

    def __init__(
        self,
        model_wrapper: dict[str, Any] | None = None,
        sync_bn: str | None = None,
        find_unused_parameters: bool = False,
        *,
        state_dict_cfg: str = "full",
    ) -> None:
        self.state_dict_type = checkpoint_kind(state_dict_cfg)
        self.model_wrapper = model_wrapper
        self.sync_bn = sync_bn
        self.find_unused_parameters = find_unused_parameters

    def convert_model(self, model: nn.Module) -> nn.Module:
        """Return the model on its device."""
        model = model.to(self.device)
        return model if self.sync_bn is None else convert_sync_batchnorm(model, self.sync_bn)

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return the model in a wrapper that averages gradients."""
        on_cpu = self.device.type == "cpu"
        defaults: dict[str, Any] = {
            "type": "MMDistributedDataParallel",
            "device_ids": None if on_cpu else [self.device],
            "broadcast_buffers": False,
            "find_unused_parameters": self.find_unused_parameters,
        }
        if self.model_wrapper is not None:
            defaults = {"type": defaults["type"]}
        config = {**defaults, **(self.model_wrapper or {}), "module": model}
        wrapped: nn.Module = MODEL_WRAPPERS.build(config)
        return wrapped
