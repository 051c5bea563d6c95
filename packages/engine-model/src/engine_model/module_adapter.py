"""Any torch module as a model that the runner can train."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn

from engine_model.base_model import BaseModel
from engine_registry import MODELS

__all__ = ["PlainModel"]

_TARGETS: Final = ("labels", "label", "targets", "target")
_PREFIX: Final = "module."


class PlainModel(BaseModel):
    """Trains a module that knows nothing of runners: of torchvision, timm, transformers, your own.

    With ``loss``, the module is called with the inputs of a batch, and the loss with its output and
    the target. A batch that is a sequence ends with the target; of one that is a dict it is what
    ``target`` names, and the rest are the module's keyword arguments (or its one argument).

    Without ``loss`` the module is called with the whole batch, and gives its losses by itself: a
    scalar, or a dict of losses, as torchvision's and detectron2's detectors do, or something with a
    field ``loss``, as models of transformers do. A batch that is a list of dicts is handed over as
    it is.

    Predictions are the rows of the output: a row of a tensor, a dict of rows where the output is a
    dict, an element of a list. The keys of its weights are those of the module.

    Args:
        module: the module, or its config, such as ``dict(type="timm.create_model",
            model_name="resnet18")``.
        loss: a function of output and target that gives a scalar or a dict of losses; or the
            config of one, such as ``dict(type="torch.nn.CrossEntropyLoss")``.
        target: the key of the target in a dict; by default "labels", "label", "targets" or
            "target".
        data_preprocessor: what moves a batch to the device and normalises it, or its config.

    Raises:
        TypeError: ``module`` is neither module nor config, or ``loss`` can't be called.
    """

    def __init__(
        self,
        module: nn.Module | dict[str, Any],
        loss: Callable[..., Any] | dict[str, Any] | str | None = None,
        target: str | None = None,
        *,
        data_preprocessor: dict[str, Any] | nn.Module | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        built = MODELS.build(module) if isinstance(module, dict) else module
        if not isinstance(built, nn.Module):
            raise TypeError(f"module must be a torch module or a config, got {built!r:.200}")
        self.module: Any = built
        if isinstance(loss, dict):
            loss = MODELS.build(loss)
        elif isinstance(loss, str):
            loss = MODELS.resolve(loss)
        if loss is not None and not callable(loss):
            raise TypeError(f"loss must be a function of output and target, got {loss!r:.200}")
        self.loss: Any = loss
        self.target = target
        hooked: Any = self  # torch declares no types here
        hooked.register_state_dict_post_hook(_without_prefix)
        hooked.register_load_state_dict_pre_hook(_with_prefix)
        hooked.register_load_state_dict_post_hook(_named_without_prefix)

    def init_weights(self) -> None:
        """Leave the weights as they are: the module came with them."""

    def forward(self, *inputs: Any, mode: str = "tensor", **named: Any) -> Any:
        """Return the module's losses, predictions or output.

        Raises:
            TypeError: it gives no losses by itself, and there is no ``loss``.
            KeyError: a batch has no target, and losses are wanted.
        """
        if self.loss is None:
            output = self._of_whole(inputs, named)
            if mode == "loss":
                return _losses(output, self.module)
        else:
            inputs, named, target = self._parted(inputs, named, needs_target=mode == "loss")
            output = self.module(*inputs, **named)
            if mode == "loss":
                found = self.loss(output, target)
                return found if isinstance(found, dict) else {"loss": found}
        return _rows(output) if mode == "predict" else output

    def _of_whole(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if inputs and all(isinstance(each, Mapping) for each in inputs):
            return self.module(list(inputs))
        return self.module(*inputs, **named)

    def _parted(
        self, inputs: tuple[Any, ...], named: dict[str, Any], *, needs_target: bool
    ) -> tuple[tuple[Any, ...], dict[str, Any], Any]:
        """Inputs, named inputs and target of a batch; a single input has no target."""
        if not named:
            if len(inputs) < 2:
                if inputs and not needs_target:
                    return (_stacked(inputs[0]),), {}, None
                raise KeyError(
                    "a batch for a module with a loss is (input, target) or a dict, got "
                    f"{len(inputs)} parts"
                )
            *rest, target = (_stacked(each) for each in inputs)
            return tuple(rest), {}, target
        known = [self.target] if self.target else [key for key in _TARGETS if key in named]
        target = None
        if known and known[0] in named:
            target = _stacked(named.pop(known[0]))
        elif needs_target or len(named) > 1:
            raise KeyError(
                f"the batch has no target: it has the keys {', '.join(map(str, named))}, and the "
                f"target is called {self.target or ' or '.join(_TARGETS)}; say which one it is, "
                "with model=dict(type='PlainModel', module=..., loss=..., target='key')"
            )
        if len(named) == 1:
            return (_stacked(*named.values()),), {}, target
        return (), {key: _stacked(value) for key, value in named.items()}, target


def _stacked(value: Any) -> Any:
    """Samples that were collated side by side, as one tensor where they are of one shape."""
    if not isinstance(value, list | tuple) or not value:
        return value
    if all(isinstance(each, Tensor) for each in value):
        return torch.stack([*value]) if len({each.shape for each in value}) == 1 else value
    return torch.tensor(value) if all(type(each) in (int, float) for each in value) else value


def _losses(output: Any, module: nn.Module) -> dict[str, Any]:
    """What a module says of its losses by itself."""
    name = type(module).__name__
    if isinstance(output, Tensor) and output.ndim == 0:
        return {"loss": output}
    if isinstance(output, Mapping):
        found = {key: value for key, value in output.items() if "loss" in key and value is not None}
        if not found and all(_is_scalar(value) for value in output.values()):
            found = {f"loss_{key}": value for key, value in output.items()}
        if found:
            return found
    loss = getattr(output, "loss", None)
    if isinstance(loss, Tensor):
        return {"loss": loss}
    training = "" if module.training else ", in evaluation mode,"
    kind = type(output).__name__
    raise TypeError(
        f"{name} returned{training} no losses, but a {kind}: give the runner a loss, a function "
        "of output and target, such as loss=torch.nn.functional.cross_entropy"
    )


def _is_scalar(value: Any) -> bool:
    return isinstance(value, Tensor) and value.ndim == 0


def _rows(output: Any) -> list[Any]:
    """The predictions for each sample of a batch."""
    if isinstance(output, Tensor):
        return list(output)
    if isinstance(output, Mapping):
        columns = {k: v for k, v in output.items() if isinstance(v, Tensor) and v.ndim}
        size = len(next(iter(columns.values()), ()))
        whole = {key: value for key, value in columns.items() if len(value) == size}
        return [{key: value[row] for key, value in whole.items()} for row in range(size)]
    if isinstance(output, Sequence):
        return list(output)
    raise TypeError(f"predictions must be a tensor, a dict or a list, got {type(output).__name__}")


def _without_prefix(model: nn.Module, state: Any, prefix: str, *rest: Any) -> None:
    inner = prefix + _PREFIX
    for key in [key for key in state if key.startswith(inner)]:
        state[prefix + key[len(inner) :]] = state.pop(key)


def _with_prefix(model: nn.Module, state: Any, prefix: str, *rest: Any) -> None:
    own = {f"{name}." for name, _ in model.named_children() if f"{name}." != _PREFIX}
    for key in [key for key in state if key.startswith(prefix)]:
        name = key[len(prefix) :]
        if not name.startswith((*own,)):
            state[prefix + _PREFIX + name] = state.pop(key)


def _named_without_prefix(model: nn.Module, wrong: Any) -> None:
    for keys in wrong:
        keys[:] = [key.removeprefix(_PREFIX) for key in keys]
