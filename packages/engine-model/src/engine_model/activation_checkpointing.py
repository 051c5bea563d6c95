"""Less memory for more time: activations that are worked out again in the backward pass."""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial, update_wrapper
from typing import Any

from torch import nn
from torch.utils.checkpoint import checkpoint

from engine_model.shard_units import is_meant

__all__ = ["turn_on_activation_checkpointing"]


def turn_on_activation_checkpointing(model: nn.Module, modules: list[str] | str) -> None:
    """Let parts of a model forget their activations (Chen et al., arXiv:1604.06174).

    They are worked out again when the backward pass needs them.

    Args:
        model: the model.
        modules: names of its submodules, as in ``named_modules``, patterns of such names
            (``layers.*``, see `name_matches`), or names of their classes.

    Raises:
        ValueError: there is no submodule of a name.
    """
    known = dict(model.named_modules())
    chosen: dict[str, None] = {}
    for asked in [modules] if isinstance(modules, str) else modules:
        found = [name for name, part in known.items() if is_meant(part, name, asked)]
        if not found:
            names = [*known, *{type(part).__name__ for part in known.values()}]
            near = ", ".join(get_close_matches(asked, names)) or "none"
            raise ValueError(
                f"the model has no submodule of the name or class {asked!r}; close names: {near}"
            )
        chosen |= dict.fromkeys(found)
    for name in chosen:
        _wrap(known[name])


def _wrap(module: Any) -> None:
    # Not a closure: a copy of the model has to use its own weights.
    module.forward = update_wrapper(partial(_forgetful, module, module.forward), module.forward)


def _forgetful(module: nn.Module, forward: Any, *args: Any, **kwargs: Any) -> Any:
    if not module.training:
        return forward(*args, **kwargs)
    return checkpoint(forward, *args, use_reentrant=False, **kwargs)
