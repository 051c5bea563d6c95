"""One process, one device."""

from __future__ import annotations

from torch import nn

from engine_runner.model import revert_sync_batchnorm
from engine_runner.strategy.base import BaseStrategy

__all__ = ["SingleDeviceStrategy"]


class SingleDeviceStrategy(BaseStrategy):
    """Puts the model on the one device, with plain batch normalisation."""

    def convert_model(self, model: nn.Module) -> nn.Module:
        """Return the model on its device."""
        return revert_sync_batchnorm(model).to(self.device)
