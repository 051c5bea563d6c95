"""What every wrapper around a model does when a runner asks it for a step."""

from __future__ import annotations

from typing import Any

from torch import Tensor

__all__ = ["ModelSteps", "WrapperSteps"]


class ModelSteps:
    """Steps of a wrapper that are the model's own affair.

    Attributes:
        module: the model.
    """

    module: Any

    def train_step(self, data: Any, optim_wrapper: Any) -> dict[str, Tensor]:
        """Train on a batch, as the model does it."""
        found: dict[str, Tensor] = self.module.train_step(data, optim_wrapper)
        return found

    def val_step(self, data: Any) -> list[Any]:
        """Return predictions, as the model does it; where it is whole, nothing is exchanged."""
        found: list[Any] = self.module.val_step(data)
        return found

    def test_step(self, data: Any) -> list[Any]:
        """Return predictions, as the model does it; where it is whole, nothing is exchanged."""
        found: list[Any] = self.module.test_step(data)
        return found

    def evaluate_step(
        self, data: Any, *, predict: bool = True
    ) -> tuple[dict[str, Tensor], list[Any]]:
        """Return losses and predictions; see `BaseModel.evaluate_step`."""
        found: tuple[dict[str, Tensor], list[Any]]
        found = self.module.evaluate_step(data, predict=predict)
        return found


class WrapperSteps(ModelSteps):
    """Steps of a wrapper that has to be called itself in training, as it watches for gradients."""

    def train_step(self, data: Any, optim_wrapper: Any) -> dict[str, Tensor]:
        """Train on a batch; see `BaseModel.train_step`."""
        return self._trained(data, optim_wrapper)[1]

    def _trained(self, data: Any, optim_wrapper: Any) -> tuple[Tensor, dict[str, Tensor]]:
        """Train on a batch, and return its loss and what is logged."""
        with optim_wrapper.optim_context(self):
            data = self.module.data_preprocessor(data, training=True)
            losses = self._run_forward(data, mode="loss")
        parsed: tuple[Tensor, dict[str, Tensor]] = self.module.parse_losses(losses)
        optim_wrapper.update_params(parsed[0])
        return parsed

    def _run_forward(self, data: Any, mode: str) -> Any:
        """Hand a batch to the model, through the wrapper."""
        wrapper: Any = self
        if isinstance(data, dict):
            return wrapper(**data, mode=mode)
        if isinstance(data, list | tuple):
            return wrapper(*data, mode=mode)
        raise TypeError(f"a batch must be a dict, a list or a tuple, got {type(data).__name__}")
