"""Averages of a model's weights over its training."""

from __future__ import annotations

import logging
from typing import Any

import torch
from torch import Tensor, nn

from engine_model.model_copy import copied
from engine_model.tensor_pairs import TensorPairs, alike, copy_all
from engine_registry.overridable import overridable

__all__ = [
    "BaseAveragedModel",
    "ExponentialMovingAverage",
    "MomentumAnnealingEMA",
    "StochasticWeightAverage",
]

logger = logging.getLogger(__name__)


class BaseAveragedModel(nn.Module):
    """Holds an average of a model's weights, in a copy of the model.

    ``steps`` counts the updates; it and the copy, under ``module``, are what `state_dict` holds.

    Of weights that are spread over processes each averages its part.

    Args:
        model: the model; it is copied, and the copy wants no gradients.
        interval: average at the first of this many updates.
        device: where the average is kept; where the model is if None.
        update_buffers: whether buffers, such as the statistics of batch normalisation, are averaged
            too; otherwise they are those of the model, after every update. Those of integers
            always are.

    Raises:
        ValueError: ``interval`` isn't positive.
    """

    steps: Tensor
    module: nn.Module

    def __init__(
        self,
        model: nn.Module,
        interval: int = 1,
        device: torch.device | None = None,
        update_buffers: bool = False,
    ) -> None:
        super().__init__()
        if interval < 1:
            raise ValueError(f"interval must be at least 1, got {interval}")
        self.module = copied(model).requires_grad_(False)
        self.interval = interval
        self.register_buffer("steps", torch.tensor(0, dtype=torch.long))
        self.update_buffers = update_buffers
        if device is not None:
            self.to(device)
        self._known: tuple[Tensor, int, int] | None = None
        self._pairs = TensorPairs()

    @overridable
    def avg_parameters(self) -> dict[str, Tensor]:
        """The averages by name; with ``update_buffers``, persistent buffers among them."""
        return (
            self.module.state_dict()
            if self.update_buffers
            else dict(self.module.named_parameters())
        )

    def avg_func(self, averaged_param: Tensor, source_param: Tensor, steps: int) -> None:
        """Put a new average into ``averaged_param``.

        Args:
            averaged_param: the average so far.
            source_param: the model's, of the same dtype and on the same device.
            steps: updates so far, this one not counted.

        Raises:
            NotImplementedError: a subclass doesn't say how.
        """
        raise NotImplementedError(f"{type(self).__name__} doesn't say how to average: avg_func")

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Call the averaged model."""
        return self.module(*args, **kwargs)

    @torch.no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Take the model's weights into the average; the first time they are copied.

        Args:
            model: of the same structure as the one that was copied.

        Raises:
            ValueError: it has another number of parameters or buffers.
        """
        steps, pairs = self._num_steps(), self._pairs
        pairs.look_up(self.module, model)
        if steps == 0:
            copy_all(pairs.parameters + pairs.buffers)
        else:
            averaged, copied = pairs.parameters, pairs.buffers
            if self.update_buffers:
                averaged = averaged + [pair for pair in copied if _can_average(pair[0])]
                copied = [pair for pair in copied if not _can_average(pair[0])]
            if steps % self.interval == 0:
                self._average(alike(averaged), steps)
            copy_all(copied)
        self.steps += 1
        self._known = (self.steps, self.steps._version, steps + 1)

    def _average(self, pairs: list[tuple[Tensor, Tensor]], steps: int) -> None:
        for average, source in pairs:
            self.avg_func(average, source, steps)

    def _num_steps(self) -> int:
        """``steps`` as a number; the device is asked only if somebody else has changed it."""
        known = self._known
        if known is not None and known[0] is self.steps and known[1] == self.steps._version:
            return known[2]
        return int(self.steps)


class _WeightedAverage(BaseAveragedModel):
    """An average that moves towards the model by a share of the way, for all tensors at once."""

    def share(self, steps: int) -> float:
        """Return how far the average moves: 0 for not at all, 1 to become the model."""
        raise NotImplementedError

    def avg_func(self, averaged_param: Tensor, source_param: Tensor, steps: int) -> None:
        """Move the average of a parameter towards the model's."""
        averaged_param.lerp_(source_param, self.share(steps))

    def _average(self, pairs: list[tuple[Tensor, Tensor]], steps: int) -> None:
        if type(self).avg_func is not _WeightedAverage.avg_func:
            super()._average(pairs, steps)
            return
        averages, sources = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        torch._foreach_lerp_(averages, sources, self.share(steps))


class StochasticWeightAverage(_WeightedAverage):
    """The mean of the weights at every ``interval``-th update (Izmailov et al., arXiv:1803.05407).

    See `BaseAveragedModel` for the arguments.
    """

    def share(self, steps: int) -> float:
        """Return the part of one in the mean."""
        return 1 / (steps // self.interval + 1)


class ExponentialMovingAverage(_WeightedAverage):
    """The average that forgets: (1 - momentum) * average + momentum * model.

    Args:
        model: the model; it is copied.
        momentum: how far the average moves at an update; 1 - ``decay`` elsewhere.
        interval: average at the first of this many updates.
        device: where the average is kept; where the model is if None.
        update_buffers: whether buffers are averaged too.

    Raises:
        ValueError: ``momentum`` doesn't lie in (0, 1).
    """

    def __init__(
        self,
        model: nn.Module,
        momentum: float = 0.0002,
        interval: int = 1,
        device: torch.device | None = None,
        update_buffers: bool = False,
    ) -> None:
        super().__init__(model, interval, device, update_buffers)
        if not 0.0 < momentum < 1.0:
            raise ValueError(f"momentum must lie in (0, 1), got {momentum!r}")
        if momentum > 0.5:
            logger.warning(
                "the momentum of a moving average is the part of the new weights, and usually "
                "small: got %s",
                momentum,
            )
        self.momentum = momentum

    def share(self, steps: int) -> float:
        """Return the momentum."""
        return self.momentum


class MomentumAnnealingEMA(ExponentialMovingAverage):
    """A moving average whose momentum falls from 1 as gamma / (gamma + steps), to ``momentum``.

    Args:
        model: the model; it is copied.
        momentum: the least.
        gamma: the larger, the slower it falls.
        interval: average at the first of this many updates.
        device: where the average is kept; where the model is if None.
        update_buffers: whether buffers are averaged too.

    Raises:
        ValueError: ``gamma`` isn't positive, or ``momentum`` doesn't lie in (0, 1).
    """

    def __init__(
        self,
        model: nn.Module,
        momentum: float = 0.0002,
        gamma: int = 100,
        interval: int = 1,
        device: torch.device | None = None,
        update_buffers: bool = False,
    ) -> None:
        super().__init__(model, momentum, interval, device, update_buffers)
        if gamma <= 0:
            raise ValueError(f"gamma must be positive, got {gamma!r}")
        self.gamma = gamma

    def share(self, steps: int) -> float:
        """Return the momentum after ``steps`` updates."""
        return max(self.momentum, self.gamma / (self.gamma + steps))


def _can_average(tensor: Tensor) -> bool:
    return tensor.is_floating_point() or tensor.is_complex()
