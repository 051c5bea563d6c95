"""A copy of a model, also of one whose weights are spread over processes."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any, Final

from torch import Tensor, nn

from engine_dist.shards import any_sharded

__all__ = ["copied"]

_GATHERING: Final = ("torch.distributed.", "engine_model.sharding")


def copied(model: nn.Module) -> nn.Module:
    """Return a deep copy of a model.

    Torch doesn't copy what FSDP2 has sharded. Of that the copy is what the model was before, with
    weights that are spread as the model's are: good to keep values in, not to be called.
    """
    if not any_sharded(model.parameters()):
        return copy.deepcopy(model)
    memo: dict[int, Any] = {}
    for module in model.modules():
        memo[id(module)] = _empty(module)
    for tensor in (*model.parameters(), *model.buffers()):
        memo[id(tensor)] = _tensor(tensor)
    for module in model.modules():
        _fill(memo[id(module)], module, memo)
    found: nn.Module = memo[id(model)]
    return found


def _empty(module: nn.Module) -> nn.Module:
    """An object of the module's class; of the class that it had before it was sharded."""
    kind = type(module)
    if hasattr(module, "set_requires_gradient_sync"):  # FSDP2 mixes a class of its own in
        kind = next(each for each in kind.__mro__[1:] if issubclass(each, nn.Module))
    made: nn.Module = kind.__new__(kind)
    return made


def _tensor(tensor: Tensor) -> Tensor:
    found = tensor.detach().clone()
    return nn.Parameter(found, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else found


def _fill(made: nn.Module, module: nn.Module, memo: dict[int, Any]) -> None:
    for name, value in vars(module).items():
        if "fsdp" in name or name.startswith("__composable_api"):
            continue
        if "_hooks" in name and isinstance(value, OrderedDict):
            value = OrderedDict((key, hook) for key, hook in value.items() if not _is_theirs(hook))
        made.__dict__[name] = copy.deepcopy(value, memo)


def _is_theirs(hook: Any) -> bool:
    """Whether a hook gathers weights: the copy's are never gathered."""
    hook = getattr(hook, "hook", hook)  # torch wraps those that want the module
    of: Any = type(hook.__self__) if hasattr(hook, "__self__") else hook
    return str(getattr(of, "__module__", "")).startswith(_GATHERING)
