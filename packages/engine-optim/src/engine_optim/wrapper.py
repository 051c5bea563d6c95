"""An optimizer with gradient accumulation and clipping."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

from engine_dist import is_main_process
from engine_dist.shards import any_sharded, gathered, is_sharded, part_of
from engine_logging import MessageHub
from engine_optim.base import BaseOptimWrapper
from engine_optim.clipping import clipping_of
from engine_registry.overridable import overridable

__all__ = ["OptimWrapper"]

logger = logging.getLogger(__name__)

_NOTHING: AbstractContextManager[None] = nullcontext()


class OptimWrapper(BaseOptimWrapper):
    """Applies an optimizer: backward, clip, step, zero, once every ``accumulative_counts`` losses.

    The losses of a window are averaged; the last window of a training, if it is shorter, by its
    own length.

    Args:
        optimizer: a torch optimizer.
        accumulative_counts: losses to a step.
        clip_grad: ``type``, "norm" (the default) or "value", and the arguments of torch's
            `clip_grad_norm_` or `clip_grad_value_`, such as ``dict(max_norm=1)``. The norm is
            logged as ``grad_norm``.

    Raises:
        TypeError: ``optimizer`` is none, or ``clip_grad`` no dict.
        ValueError: ``accumulative_counts`` isn't positive, or ``clip_grad`` of an unknown type.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        accumulative_counts: int = 1,
        clip_grad: dict[str, Any] | None = None,
    ) -> None:
        if not isinstance(accumulative_counts, int) or accumulative_counts < 1:
            raise ValueError(
                f"accumulative_counts must be a positive int, got {accumulative_counts!r}"
            )
        if not hasattr(optimizer, "param_groups") or not hasattr(optimizer, "step"):
            raise TypeError(f"optimizer must be a torch optimizer, got {optimizer!r}")
        super().__init__(optimizer)
        self._accumulative_counts = accumulative_counts
        self.clip_grad_kwargs, self.clip_func, self.grad_name = clipping_of(clip_grad)
        self._model_order: list[int] | None = None
        self._inner_count = 0
        self._max_counts = -1
        self._divisible_counts = -1
        self._remainder_counts = 0
        self._resumed_count: int | None = None

    def __repr__(self) -> str:
        return (
            f"Type: {type(self).__name__}\n_accumulative_counts: {self._accumulative_counts}\n"
            f"optimizer: \n{self.optimizer!r}"
        )

    def update_params(
        self,
        loss: Tensor,
        step_kwargs: dict[str, Any] | None = None,
        zero_kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Work out gradients, and at the end of a window move the weights.

        Args:
            loss: a scalar.
            step_kwargs: for the optimizer's ``step``.
            zero_kwargs: for its ``zero_grad``.
        """
        if self._accumulative_counts > 1:
            loss = self.scale_loss(loss)
        self.backward(loss)
        if self._accumulative_counts > 1 and not self.should_update():
            return
        if step_kwargs or zero_kwargs:
            self.step(**(step_kwargs or {}))
            self.zero_grad(**(zero_kwargs or {}))
        else:
            self.step()
            self.zero_grad()

    def backward(self, loss: Tensor, **kwargs: Any) -> None:
        """Work out the gradients of ``loss``, and count it."""
        loss.backward(**kwargs)  # type: ignore[no-untyped-call]  # torch's
        self._inner_count += 1

    def zero_grad(self, **kwargs: Any) -> None:
        """Forget the gradients."""
        self.optimizer.zero_grad(**kwargs)

    def step(self, **kwargs: Any) -> None:
        """Clip the gradients, if asked to, and move the weights."""
        if self.clip_grad_kwargs:
            self._clip_grad()
        self.optimizer.step(**kwargs)
        self._num_steps += 1

    def optim_context(self, model: Any) -> AbstractContextManager[Any]:
        """Return what the forward and backward pass of a step run in.

        Where processes average gradients, all but a window's last loss go without that.
        """
        if self._accumulative_counts == 1 or self.should_sync() or not hasattr(model, "no_sync"):
            return _NOTHING
        context: AbstractContextManager[Any] = model.no_sync()
        return context

    def initialize_count_status(self, model: nn.Module, init_counts: int, max_counts: int) -> None:
        """Say how many losses there were, and how many there will be.

        Args:
            model: whose batch normalisation a warning is about.
            init_counts: losses so far.
            max_counts: losses of the whole training; -1 if nobody knows.
        """
        every = self._accumulative_counts
        resumed, self._resumed_count = self._resumed_count, None
        self._inner_count, self._max_counts = init_counts, max_counts
        if resumed is not None:
            self._inner_count = resumed
        elif every > 1 and init_counts % every:
            logger.warning(
                "the training goes on after %d iterations, in the middle of a window of %d: the "
                "gradients of its first part are lost",
                *(init_counts, every),
            )
        if every > 1 and any(isinstance(part, _BatchNorm) for part in model.modules()):
            logger.warning(
                "gradients are accumulated, but batch normalisation sees each batch alone: the "
                "result differs from that of large batches"
            )
        self._remainder_counts = max_counts % every if max_counts > 0 else 0
        self._divisible_counts = max_counts - self._remainder_counts if max_counts > 0 else -1

    def window_state(self) -> dict[str, Any]:
        """Return what a window of accumulation is made of, beside `state_dict`: plain data.

        It is empty where no losses are accumulated. Otherwise it is how many losses there were and
        the gradient of each parameter, on the CPU, if one has any: in the middle of a window, or
        where another optimizer's loss has left some. Gradients that are spread over processes are
        put together on the main rank, elsewhere it is empty; every process has to call it.
        """
        every = self._accumulative_counts
        if every == 1:
            return {}
        gradients = [each.grad for each in self._parameters()]
        if all(each is None for each in gradients):
            gradients = []
        is_spread = any_sharded(self._parameters())
        if is_spread:
            gradients = gathered(gradients)
        state = {
            "every": every,
            "count": self._inner_count,
            "gradients": [None if each is None else each.detach().cpu() for each in gradients],
        }
        return {} if is_spread and not is_main_process() else state

    def load_window_state(self, state: dict[str, Any]) -> None:
        """Go on in the window that `window_state` told; in one of another length, begin anew."""
        if not state or state["every"] != self._accumulative_counts:
            return
        self._inner_count = self._resumed_count = state["count"]
        for param, gradient in zip(self._parameters(), state["gradients"], strict=False):
            if is_sharded(param) and gradient is not None:
                param.grad = part_of(gradient, param)
            else:
                param.grad = None if gradient is None else gradient.to(param.device, copy=True)

    def _parameters(self) -> list[Tensor]:
        return [each for group in self.optimizer.param_groups for each in group["params"]]

    def should_update(self) -> bool:
        """Whether the loss that was counted last ends a window."""
        count = self._inner_count
        return count % self._accumulative_counts == 0 or count == self._max_counts

    def should_sync(self) -> bool:
        """Whether the next loss ends a window."""
        count = self._inner_count + 1
        return count % self._accumulative_counts == 0 or count == self._max_counts

    def scale_loss(self, loss: Tensor) -> Tensor:
        """Return the next loss's part of the mean over its window."""
        in_last = -1 < self._divisible_counts <= self._inner_count
        length = self._remainder_counts if in_last else self._accumulative_counts
        return loss / (length or 1)

    @property
    def accumulative_counts(self) -> int:
        """Losses to a step."""
        return self._accumulative_counts

    @accumulative_counts.setter
    def accumulative_counts(self, number: int) -> None:
        self._accumulative_counts = number

    @overridable
    def message_hub(self) -> MessageHub:
        """Where the norms of gradients are put down."""
        hub: MessageHub = MessageHub.get_current_instance()
        return hub

    @property
    def inner_count(self) -> int:
        """How many losses there were."""
        return self._inner_count

    def keep_model_order(self, order: list[int]) -> None:
        """Remember where each parameter, group after group, stands in the model.

        MMEngine's checkpoints hold the parameters in the model's order, a group for each: they
        load by this.
        """
        self._model_order = order

    def in_model_groups(self, state: dict[str, Any]) -> dict[str, Any]:
        """Return a state in MMEngine's layout: with a group for each parameter, where it has them.

        That is where parameters have settings of their own; groups of equal settings are put
        together here, which MMEngine doesn't do.
        """
        order, groups = self._model_order, state.get("param_groups", ())
        if order is None or len(groups) != len(self.optimizer.param_groups):
            return state
        numbers = [number for group in groups for number in group["params"]]
        alone = self.by_parameter([{**group} for group in groups])
        found: dict[Any, Any] = {}
        for place, number in zip(order, numbers, strict=True):
            alone[place] = {**alone[place], "params": [place]}
            if number in state["state"]:
                found[place] = state["state"][number]
        return {**state, "state": dict(sorted(found.items())), "param_groups": alone}

    def by_parameter(self, values: list[Any]) -> list[Any]:
        """Return what is of each group for each parameter, in the model's order, where that counts.

        Elsewhere, and of other numbers of groups, it is the values themselves.
        """
        order, groups = self._model_order, self.optimizer.param_groups
        if order is None or len(values) != len(groups):
            return values
        each = [value for value, group in zip(values, groups, strict=True) for _ in group["params"]]
        found = dict(zip(order, each, strict=True))
        return [found[place] for place in range(len(found))]

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Put a state into the optimizer: ours, or MMEngine's with a group for each parameter.

        Raises:
            ValueError: it is of other parameters.
        """
        super().load_state_dict(self._in_own_groups(state_dict))

    def _in_own_groups(self, state: dict[str, Any]) -> dict[str, Any]:
        saved = state.get("param_groups", ())
        own = self.optimizer.param_groups
        order = self._model_order
        if order is None or len(saved) in (0, len(own)) or len(saved) != len(order):
            return state
        groups, states, number = [], {}, 0
        for group in own:
            places = order[number : number + len(group["params"])]
            numbers = [*range(number, number + len(places))]
            groups.append({**saved[places[0]], "params": numbers})
            for place, index in zip(places, numbers, strict=True):
                if place in state["state"]:
                    states[index] = state["state"][place]
            number += len(places)
        return {**state, "state": states, "param_groups": groups}

    def _clip_grad(self) -> None:
        """Clip the gradients; the norm is logged without waiting for it."""
        params = [each for each in self._parameters() if each.grad is not None]
        if not params:
            return
        norm: Any = self.clip_func(params, **self.clip_grad_kwargs)
        if norm is not None:
            self.message_hub.update_scalar(f"train/{self.grad_name}", norm)
