"""What strategies of foreign engines share: these copy a model's weights when they take it over."""

from __future__ import annotations

from torch import nn

from engine_runner.strategy.base import BaseStrategy

__all__ = ["EngineStrategy"]


class EngineStrategy(BaseStrategy):
    """Initialises a model before an engine copies its weights, or shares them out."""

    def convert_model(self, model: nn.Module) -> nn.Module:
        """Return the model on its device, initialised."""
        super().init_weights(model)
        return model.to(self.device)

    def init_weights(self, model: nn.Module) -> None:
        """Do nothing: `convert_model` has initialised them."""
