"""An optimizer that ColossalAI's booster applies."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from torch import Tensor

from engine_optim.wrapper import OptimWrapper

__all__ = ["ColossalAIOptimWrapper"]


class ColossalAIOptimWrapper(OptimWrapper):
    """Leaves gradients to ColossalAI's booster, which `ColossalAIStrategy` gives it.

    Args:
        optimizer: a torch optimizer, or one of ColossalAI's.
        booster: the booster.
        kwargs: of `OptimWrapper`.
    """

    def __init__(self, optimizer: Any, booster: Any = None, **kwargs: Any) -> None:
        super().__init__(optimizer, **kwargs)
        self.booster = booster

    def backward(self, loss: Tensor, **kwargs: Any) -> None:
        """Let the booster work out the gradients, and count the loss."""
        self.booster.backward(loss, self.optimizer)
        self._inner_count += 1

    def optim_context(self, model: Any) -> AbstractContextManager[Any]:
        """Return what the forward pass runs in: within a window, without averaging gradients."""
        if self._accumulative_counts == 1 or self.should_sync():
            return nullcontext()
        context: AbstractContextManager[Any] = self.booster.no_sync(model.model, self.optimizer)
        return context
