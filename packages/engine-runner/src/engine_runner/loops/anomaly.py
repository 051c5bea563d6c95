"""Finding the layer in which numbers stop being finite, by one step that is made again."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial, wraps
from typing import Any, Final

import torch
from torch import Tensor, nn

from engine_optim.patching import replace_method, wrappers_of
from engine_runner.logs.errors import NonFiniteLossError
from engine_runner.protocols import RunnerLike
from engine_runner.randomness import rng_state, set_rng_state

__all__ = ["AnomalyWatch"]

_NOWHERE: Final = "every layer's output is finite, so it begins where forward computes the loss"


class _NotFinite(BaseException):
    """Ends a step before it moves the weights; not an error that a model could catch."""


class AnomalyWatch:
    """Looks at each loss and gradient before the weights move, which waits for the device.

    The first step in which one isn't finite is made again with the same weights, batch and random
    numbers, and each layer is looked at. Gradients that a loss scaler looks after aren't.

    Args:
        runner: whose training is watched.

    Attributes:
        before: the state of the random number generators before the present step.
    """

    def __init__(self, runner: RunnerLike) -> None:
        self._runner = runner
        self.before: dict[str, Any] | None = None
        self._undo: list[Callable[[], None]] = []

    def attach(self) -> None:
        """Begin to watch."""
        for wrapper in wrappers_of(self._runner.optim_wrapper):
            backward, step = wrapper.backward, wrapper.step
            self._undo.append(replace_method(wrapper, "backward", _checks_loss(backward)))
            scaler = getattr(wrapper, "loss_scaler", None)
            if scaler is None or not scaler.is_enabled():
                checked = _checks_gradients(step, wrapper)
                self._undo.append(replace_method(wrapper, "step", checked))

    def detach(self) -> None:
        """Leave the optimizer as it was."""
        while self._undo:
            self._undo.pop()()

    def train_step(self, model: Any, data: Any, optim_wrapper: Any) -> Any:
        """Make a step.

        Raises:
            NonFiniteLossError: a loss or a gradient isn't finite; the message names the layer.
        """
        self.before = rng_state()
        try:
            return model.train_step(data, optim_wrapper=optim_wrapper)
        except _NotFinite as found:
            what = str(found)
        again = partial(self._again, model, data, optim_wrapper)
        with _Layers(model) as layers:
            again()
        iteration = self._runner.iter + 1
        where = layers.found() or _function(again) or _NOWHERE
        if layers.is_backward:
            where = "; ".join(filter(None, (where, _function(again))))
        raise NonFiniteLossError(f"{what} in iteration {iteration}: {where}", iteration=iteration)

    def _again(self, model: Any, data: Any, optim_wrapper: Any) -> None:
        """Make the present step again, up to where it isn't finite."""
        for parameter in model.parameters():
            parameter.grad = None
        assert self.before is not None
        set_rng_state(self.before)
        with suppress(_NotFinite):
            model.train_step(data, optim_wrapper=optim_wrapper)


def _checks_loss(backward: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(backward)
    def checked(loss: Tensor, **kwargs: Any) -> Any:
        if not torch.isfinite(loss).all():
            raise _NotFinite(f"the loss is {loss.item():g}")
        return backward(loss, **kwargs)

    return checked


def _checks_gradients(step: Callable[..., Any], wrapper: Any) -> Callable[..., Any]:
    @wraps(step)
    def checked(**kwargs: Any) -> Any:
        groups = wrapper.optimizer.param_groups
        gradients = (each.grad for group in groups for each in group["params"])
        if not all(bool(torch.isfinite(each).all()) for each in gradients if each is not None):
            raise _NotFinite("the loss is finite, but a gradient is not")
        return step(**kwargs)

    return checked


class _Layers:
    """Looks at what goes through each layer of a model, forwards and back."""

    def __init__(self, model: nn.Module) -> None:
        self._handles: list[Any] = []
        self._forward = self._backward = ""
        self._last = "the loss"
        for name, module in model.named_modules():
            if name:
                what = f"{name} ({type(module).__name__})"
                self._handles.append(module.register_forward_hook(self._looks_at(what)))
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                look = partial(self._look_back, f"the parameter {name}")
                self._handles.append(_register(parameter, look))

    def __enter__(self) -> _Layers:
        return self

    def __exit__(self, *exc: object) -> None:
        for handle in self._handles:
            handle.remove()

    @property
    def is_backward(self) -> bool:
        """Whether it began on the way back."""
        return bool(self._backward and not self._forward)

    def found(self) -> str:
        """Return where it began; "" if that is in no layer."""
        return self._forward or self._backward

    def _looks_at(self, what: str) -> Callable[[nn.Module, Any, Any], None]:
        def look(module: nn.Module, inputs: Any, output: Any) -> None:
            for tensor in _floats(output):
                if not self._forward and not torch.isfinite(tensor).all():
                    self._forward = (
                        f"the layer {what} is the first whose output is not finite: it is "
                        f"{_range(tensor)}, {_given(module, inputs)}"
                    )
                if tensor.requires_grad:
                    _register(tensor, partial(self._look_back, f"the output of {what}"))

        return look

    def _look_back(self, what: str, gradient: Tensor) -> None:
        if self._backward:
            return
        if torch.isfinite(gradient).all():
            self._last = what
        else:
            self._backward = (
                f"going back, the gradient at {what} is the first that is not finite: it is "
                f"{_range(gradient)}; at {self._last} before it was finite"
            )


def _function(step: Callable[[], None]) -> str:
    """What autograd says of the function whose gradient is NaN; "" where none is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is slow
            with torch.autograd.detect_anomaly(check_nan=True):
                step()
    except RuntimeError as error:
        if "returned nan" not in str(error):
            raise
        return f"autograd: {str(error).rstrip('.')}"
    return ""


def _register(tensor: Any, function: Callable[[Tensor], None]) -> Any:
    return tensor.register_hook(function)


def _floats(data: Any) -> Iterator[Tensor]:
    if isinstance(data, Tensor):
        if data.is_floating_point():
            yield data
    elif isinstance(data, dict):
        for each in data.values():
            yield from _floats(each)
    elif isinstance(data, list | tuple):
        for each in data:
            yield from _floats(each)


def _given(module: nn.Module, inputs: Any) -> str:
    """The ranges of what a layer got, and of its weights."""
    own = module.named_parameters(recurse=False)
    weights = ", ".join(f"{name} {_range(value)}" for name, value in own)
    given = ", ".join(map(_range, _floats(inputs))) or "no tensors"
    return f"its input {given}" + (f", its {weights}" if weights else "")


def _range(tensor: Tensor) -> str:
    """Shape and range of a tensor's finite values, and how many aren't."""
    values = tensor.detach().float()
    finite = values[torch.isfinite(values)]
    shape = "x".join(map(str, tensor.shape)) or "one number"
    bad = values.numel() - finite.numel()
    parts = [f"in [{finite.min():g}, {finite.max():g}]"] if finite.numel() else []
    if bad:
        nan = int(values.isnan().sum())
        parts.append(f"{nan} NaN and {bad - nan} infinite of {values.numel()}")
    return f"{shape} {' with '.join(parts)}".strip()
