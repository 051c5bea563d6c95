"""An optimizer that DeepSpeed's engine applies."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from torch import Tensor

from engine_logging import MessageHub
from engine_optim.wrapper import OptimWrapper

__all__ = ["DeepSpeedOptimWrapper"]


class DeepSpeedOptimWrapper(OptimWrapper):
    """Leaves gradients, clipping and steps to DeepSpeed's engine, which `DeepSpeedStrategy` makes.

    The engine clips by the norm alone: ``clip_grad`` is its setting ``gradient_clipping``.

    Args:
        optimizer: a torch optimizer, or one of DeepSpeed's.
        kwargs: of `OptimWrapper`.
    """

    def __init__(self, optimizer: Any, **kwargs: Any) -> None:
        super().__init__(optimizer, **kwargs)
        self.engine: Any = None

    def update_params(
        self,
        loss: Tensor,
        step_kwargs: dict[str, Any] | None = None,
        zero_kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Work out gradients, and at the end of a window move the weights; see `OptimWrapper`."""
        if self._accumulative_counts > 1:
            loss = self.scale_loss(loss)
        self.backward(loss)
        self.step(**(step_kwargs or {}))

    def backward(self, loss: Tensor, **kwargs: Any) -> None:
        """Let the engine work out the gradients, and count the loss."""
        self.engine.backward(loss, scale_wrt_gas=False, **kwargs)
        self._inner_count += 1

    def step(self, **kwargs: Any) -> None:
        """Let the engine move the weights, if this is the end of a window."""
        before = self.engine.global_steps
        self.engine.step(**kwargs)
        if self.engine.global_steps == before:
            return
        self._num_steps += 1
        norm = self.engine.get_global_grad_norm() if self.clip_grad_kwargs else None
        if norm is not None:
            MessageHub.get_current_instance().update_scalar(f"train/{self.grad_name}", norm)

    def zero_grad(self, **kwargs: Any) -> None:
        """Let the engine forget the gradients."""
        self.engine.zero_grad()

    def window_state(self) -> dict[str, Any]:
        """Return nothing: the gradients of a window are the engine's."""
        return {}

    def load_window_state(self, state: dict[str, Any]) -> None:
        """Begin the window anew: the engine takes no gradients."""

    def optim_context(self, model: Any) -> AbstractContextManager[Any]:
        """Tell the engine whether the coming loss ends a window; nothing else is needed."""
        ends = self._accumulative_counts == 1 or self.should_sync()
        self.engine.set_gradient_accumulation_boundary(ends)
        return nullcontext()
