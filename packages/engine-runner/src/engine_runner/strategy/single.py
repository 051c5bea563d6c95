"""One process, one device."""

from __future__ import annotations

from torch import nn

from engine_model import revert_sync_batchnorm
from engine_runner.strategy.base import BaseStrategy
from engine_runner.strategy.checkpoint_kind import checkpoint_kind

__all__ = ["SingleDeviceStrategy"]


class SingleDeviceStrategy(BaseStrategy):
    """Puts the model on the one device, with plain batch normalisation.

    Args:
        state_dict_cfg: "full" for checkpoints of one file, "sharded" for a folder as strategies
            for several processes write it.
    """

    def __init__(self, *, state_dict_cfg: str = "full") -> None:
        self.state_dict_type = checkpoint_kind(state_dict_cfg)

    def convert_model(self, model: nn.Module) -> nn.Module:
        """Return the model on its device."""
        return revert_sync_batchnorm(model).to(self.device)
