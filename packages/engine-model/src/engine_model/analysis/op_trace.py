"""Operator trace: a forward pass that tells of every operator, and in which module it ran."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final, Protocol

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

__all__ = ["Listener", "watched_pass"]

# Functions that say more than the operators that torch takes them apart into.
_NAMED: Final = frozenset(
    ("linear", "matmul", "einsum", "scaled_dot_product_attention", "multi_head_attention_forward")
)
# What a trace calls them.
_TRACED: Final = {
    f"conv{kind}{n}d": "_convolution" for kind in ("", "_transpose") for n in (1, 2, 3)
}
_WHOLE: Final = frozenset(f"adaptive_avg_pool{n}d" for n in (1, 2, 3))


class Listener(Protocol):
    """Called with each operator: its name, the name it goes by, the modules around it, data."""

    @property
    def functions(self) -> frozenset[str]:
        """Functions, such as "batch_norm", that are to be told of in place of their operators."""

    def __call__(
        self,
        operator: str,
        shown: str,
        *,
        modules: tuple[str, ...],
        inputs: list[Any],
        outputs: list[Any],
        counts: bool,
    ) -> None:
        """Take note; ``counts`` is False for what only looks at tensors or is elementwise."""


def watched_pass(model: nn.Module, inputs: tuple[Any, ...], listener: Listener) -> set[str]:
    """Call a model, leaving its buffers and the generators as they were.

    Args:
        model: the model.
        inputs: its positional arguments.
        listener: told of every operator.

    Returns:
        The names of the modules that were called.
    """
    watch = _Watch(listener)
    devices = {each.device for each in model.parameters() if each.device.type == "cuda"}
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng([*devices]))
        stack.enter_context(_buffers_kept(model))
        stack.enter_context(torch.no_grad())
        stack.enter_context(watch.modules_of(model))
        stack.enter_context(_Functions(watch))
        stack.enter_context(_Operators(watch))
        model(*inputs)
    return watch.called


@contextmanager
def _buffers_kept(model: nn.Module) -> Iterator[None]:
    before = [(each, each.detach().clone()) for each in model.buffers()]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, value in before:
                buffer.copy_(value)


class _Watch:
    """Where the pass is: in which modules, and in which function."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.stack: list[str] = []
        self.called: set[str] = set()
        self.function = ""
        self.is_counted = False

    @contextmanager
    def modules_of(self, model: nn.Module) -> Iterator[None]:
        """Hold that the stack of modules is known."""
        handles = []
        for name, module in model.named_modules():
            handles.append(module.register_forward_pre_hook(self._entering(name)))
            handles.append(module.register_forward_hook(self._left, always_call=True))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _entering(self, name: str) -> Callable[..., None]:
        def enter(*_: Any) -> None:
            self.stack.append(name)
            self.called.add(name)

        return enter

    def _left(self, *_: Any) -> None:
        self.stack.pop()

    def tell(self, operator: str, inputs: Any, outputs: Any, *, counts: bool) -> None:
        self.listener(
            operator,
            self.function or operator.split("::")[1],
            modules=tuple(self.stack),
            inputs=list(inputs),
            outputs=[each for each in tree_leaves(outputs) if isinstance(each, Tensor)],
            counts=counts,
        )


class _Functions(TorchFunctionMode):
    """Sees functions of torch before they are taken apart."""

    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self._watch = watch

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        watch, name = self._watch, getattr(func, "__name__", "")
        traced = _TRACED.get(name, name)
        is_asked = traced in watch.listener.functions
        if name not in _NAMED and name not in _WHOLE and not is_asked:
            return func(*args, **(kwargs or {}))
        is_whole = name in _WHOLE or is_asked
        watch.function, watch.is_counted = name, is_whole
        try:
            found = func(*args, **(kwargs or {}))
        finally:
            watch.function, watch.is_counted = "", False
        if is_whole:
            watch.tell(f"aten::{traced if is_asked else name}", args, found, counts=True)
        return found


class _Operators(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's
    """Sees the operators that are really run."""

    def __init__(self, watch: _Watch) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's
        self._watch = watch

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        found = func(*args, **(kwargs or {}))
        if not self._watch.is_counted:
            name = func._schema.name
            quiet = func.is_view or name in _QUIET
            self._watch.tell(name, args, found, counts=not quiet)
        return found


# No views, but no arithmetic either; or elementwise, and nothing that fvcore tells of.
_QUIET: Final = frozenset(
    f"aten::{name}"
    for name in (
        *("_to_copy", "_unsafe_view", "arange", "bernoulli_", "cat", "clone", "constant_pad_nd"),
        *("copy_", "detach_", "embedding", "empty", "empty_like", "full", "full_like", "gather"),
        *("index", "index_select", "lift_fresh", "new_empty", "new_zeros", "ones", "ones_like"),
        *("native_dropout", "roll", "scalar_tensor", "stack", "zeros", "zeros_like", "zero_"),
        *("max_pool2d_with_indices", "_local_scalar_dense", "resize_", "set_", "fill_"),
        *("relu", "relu_", "clamp", "clamp_", "clamp_min", "clamp_min_", "eq", "ne", "ge", "gt"),
        *("le", "lt", "floor", "floor_divide", "remainder", "masked_fill", "masked_fill_", "where"),
        *("bitwise_not", "bitwise_and", "logical_not", "logical_and", "max", "nonzero"),
    )
)
