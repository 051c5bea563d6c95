"""What a loop and a hook expect of an optimizer."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from typing import Any

import torch
from torch import Tensor

__all__ = ["BaseOptimWrapper"]


class BaseOptimWrapper(metaclass=ABCMeta):
    """An optimizer together with how it is applied.

    Args:
        optimizer: a torch optimizer, or what has its methods.

    Attributes:
        base_param_settings: the optimizer's own settings as one more parameter group, where it
            has several; schedulers treat it as a group, and logs show it as ``base_lr``.
    """

    _num_steps = 0

    def __init__(self, optimizer: Any) -> None:
        self.optimizer = optimizer
        self.base_param_settings: dict[str, Any] | None = None
        if len(getattr(optimizer, "param_groups", ())) > 1:
            self.keep_base_settings()

    def keep_base_settings(self) -> None:
        """Begin to keep `base_param_settings`."""
        self.base_param_settings = {"params": torch.tensor([0.0]), **self.optimizer.defaults}

    @abstractmethod
    def update_params(self, *args: Any, **kwargs: Any) -> None:
        """Move the weights by a loss: backward, step, and forget the gradients."""

    @abstractmethod
    def backward(self, loss: Tensor, **kwargs: Any) -> None:
        """Work out the gradients of a loss."""

    @abstractmethod
    def zero_grad(self, **kwargs: Any) -> None:
        """Forget the gradients."""

    @abstractmethod
    def step(self, **kwargs: Any) -> None:
        """Move the weights by their gradients."""

    def state_dict(self) -> dict[str, Any]:
        """Return the optimizer's state."""
        state: dict[str, Any] = self.optimizer.state_dict()
        if self.base_param_settings is not None:
            state["base_param_settings"] = self.base_param_settings
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Put a state that `state_dict` returned into the optimizer.

        Raises:
            ValueError: it is of other parameters.
        """
        state = dict(state_dict)
        base = state.pop("base_param_settings", None)
        if base is not None:
            self.base_param_settings = base
        self.optimizer.load_state_dict(state)

    @property
    def num_steps(self) -> int:
        """How often a step was made in this process; a training counts its steps by it.

        `step` counts, one that doesn't call `OptimWrapper`'s adds one to ``_num_steps``. A step
        that a loss scaler leaves out is counted: to find out would mean to wait for the device.
        """
        return self._num_steps

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The parameter groups that schedulers change."""
        groups: list[dict[str, Any]] = self.optimizer.param_groups
        return groups if self.base_param_settings is None else [*groups, self.base_param_settings]

    @property
    def defaults(self) -> dict[str, Any]:
        """The optimizer's settings of groups that say nothing else."""
        settings: dict[str, Any] = self.optimizer.defaults
        return settings

    def get_lr(self) -> dict[str, list[float]]:
        """Return the learning rate of each group as ``lr``, and ``base_lr`` if there is one."""
        groups = self.optimizer.param_groups
        one = len(groups) == 1  # as usual, and asked for in each iteration
        rates = {"lr": [groups[0]["lr"]] if one else [group["lr"] for group in groups]}
        if self.base_param_settings is not None:
            return {"base_lr": [self.base_param_settings["lr"]], **rates}
        return rates

    def get_momentum(self) -> dict[str, list[float]]:
        """Return the momentum of each group: SGD's, or the first beta of Adam and its kind."""
        found = []
        for group in self.optimizer.param_groups:
            if "momentum" in group:
                found.append(group["momentum"])
            else:
                found.append(group["betas"][0] if "betas" in group else 0)
        return {"momentum": found}
