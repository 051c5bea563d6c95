"""Models that are built without memory for their weights, and get them part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook
from torch.utils._python_dispatch import TorchDispatchMode

from engine_dist import broadcast
from engine_dist.shards import is_sharded, local, part_of

__all__ = ["built_on_meta", "drawn_whole", "materialise"]

_RESETS: Final = ("reset_parameters", "_reset_parameters")
_DRAWS: Final = (
    *("bernoulli_", "cauchy_", "exponential_", "geometric_", "log_normal_", "normal_", "random_"),
    "uniform_",
)


@contextmanager
def built_on_meta() -> Iterator[None]:
    """Let modules that are built within have no memory for the weights they can draw anew.

    These are the parameters of modules with a ``reset_parameters``, as all of torch's have. Others,
    which only their constructor knows, and buffers keep their values: they are small.
    """
    hook: Any = _without_memory  # torch's own types forget that it may return a parameter
    handle = register_module_parameter_registration_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def _without_memory(module: nn.Module, name: str, param: Any) -> nn.Parameter | None:
    if type(param) is not nn.Parameter or param.is_meta or _reset_of(module) is None:
        return None
    return nn.Parameter(param.detach().to("meta"), requires_grad=param.requires_grad)


def _reset_of(module: Any) -> Callable[[], None] | None:
    return next((getattr(module, name) for name in _RESETS if hasattr(module, name)), None)


def materialise(model: nn.Module, device: torch.device, *, draw: bool = True) -> None:
    """Give a sharded model memory for what it has none for: for this process's parts alone.

    Every process has to call it. Weights are drawn as the constructors would have drawn them, one
    whole tensor at a time, so that a model of torch's layers begins as in a single process.

    Args:
        model: the model.
        device: where the parts go, and what is elsewhere.
        draw: whether to draw them; else they are NaN, which loading has to replace.
    """
    empty = [each for each in _inner_first(model) if any(p.is_meta for p in each.parameters())]
    shared = _shared(model)
    hooked: Any = model  # torch declares no types here
    hooked._apply(lambda tensor: _with_memory(tensor, device))
    for places in shared:
        first, name = places[0]
        for module, other in places[1:]:
            module._parameters[other] = first._parameters[name]
    if not draw:
        return
    with drawn_whole():
        for module in empty:
            reset = _reset_of(module)
            if reset is not None:
                reset()


def _inner_first(module: nn.Module) -> Iterator[nn.Module]:
    for child in module.children():
        yield from _inner_first(child)
    yield module


def _shared(model: nn.Module) -> list[list[tuple[nn.Module, str]]]:
    """Where parameters are that several modules share: giving them memory parts them."""
    places: dict[int, list[tuple[nn.Module, str]]] = {}
    for module in model.modules():
        for name, param in module._parameters.items():
            if param is not None and param.is_meta:
                places.setdefault(id(param), []).append((module, name))
    return [each for each in places.values() if len(each) > 1]


def _with_memory(tensor: Tensor, device: torch.device) -> Tensor:
    if not tensor.is_meta:
        return tensor.to(device)
    made = torch.empty_like(tensor, device=device)
    if made.is_floating_point():
        local(made).fill_(float("nan"))
    return made


@contextmanager
def drawn_whole() -> Iterator[None]:
    """Let random numbers for a sharded tensor be drawn as for the whole one, of which it's a part.

    They come from the CPU's generator, which all ranks have in the main one's state within.
    """
    own = torch.get_rng_state()
    mains = own.clone()
    broadcast(mains)
    torch.set_rng_state(mains)
    try:
        draws: Any = _WholeDraws
        with torch.no_grad(), draws():
            yield
    finally:
        if not torch.equal(own, mains):  # ranks with seeds of their own go on with them
            torch.set_rng_state(own)


class _WholeDraws(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's
    """Draws in place for the whole tensor, and keeps this process's part."""

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Called by torch in place of every operation."""
        name = func.overloadpacket.__name__
        if name not in _DRAWS or not is_sharded(args[0]):
            return func(*args, **(kwargs or {}))
        tensor = args[0]
        drawn = torch.empty(tensor.shape, dtype=tensor.dtype)
        func(drawn, *args[1:], **(kwargs or {}))
        local(tensor).copy_(local(part_of(drawn, tensor)))
        return tensor
