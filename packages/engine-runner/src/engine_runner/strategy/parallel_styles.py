"""How layers are spread over the processes of a team: torch's DTensor styles, by names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from torch import nn

from engine_dist.wrapping import name_matches

__all__ = ["layers_of_plan", "style_of"]

# name: torch's class
_STYLES: Final = {
    "colwise": "ColwiseParallel",
    "prepare_input": "PrepareModuleInput",
    "prepare_input_output": "PrepareModuleInputOutput",
    "prepare_output": "PrepareModuleOutput",
    "rowwise": "RowwiseParallel",
    "sequence": "SequenceParallel",
}
_SHARD: Final = re.compile(r"shard\((-?\d+)\)")


def style_of(given: Any) -> Any:
    """Return the style of a name, of a config (``dict(type="rowwise", ...)``), or one as it is.

    Arguments are torch's; a layout is "replicate", "shard(DIM)", None, or a list of them.

    Raises:
        TypeError, ValueError: there is no such style, argument or layout.
    """
    from torch.distributed.tensor import parallel

    if isinstance(given, parallel.ParallelStyle):
        return given
    config = {"type": given} if isinstance(given, str) else given
    if not isinstance(config, Mapping) or "type" not in config:
        raise TypeError(f"a style is a name or a dict with a type, got {given!r:.200}")
    arguments = dict(config)
    name = arguments.pop("type")
    known = {**_STYLES, **{each: each for each in _STYLES.values()}}
    if name not in known:
        raise ValueError(f"there is no style {name!r}; there are {', '.join(_STYLES)}")
    for key, value in arguments.items():
        if key.endswith(("_layout", "_layouts", "_kwarg_layouts")):
            arguments[key] = _layout(value)
    try:
        return getattr(parallel, known[name])(**arguments)
    except TypeError as error:
        raise TypeError(f"the style {name!r}: {error}") from error


def _layout(given: Any) -> Any:
    from torch.distributed.tensor import Replicate, Shard

    if isinstance(given, list | tuple):
        return tuple(_layout(each) for each in given)
    if isinstance(given, Mapping):
        return {key: _layout(each) for key, each in given.items()}
    if not isinstance(given, str):
        return given
    if given == "replicate":
        return Replicate()
    if found := _SHARD.fullmatch(given):
        return Shard(int(found[1]))
    raise ValueError(f"a layout is 'replicate' or 'shard(DIM)', such as 'shard(-1)': got {given!r}")


def layers_of_plan(model: nn.Module, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the style of each submodule that a plan means, by its whole name.

    Args:
        model: the model.
        plan: styles by names or patterns (``layers.*.mlp.up``); of two that mean a submodule the
            later one counts.

    Raises:
        ValueError: a pattern means nothing.
    """
    names = [name for name, _ in model.named_modules()]
    found: dict[str, Any] = {}
    for pattern, style in plan.items():
        matching = [name for name in names if name_matches(name, pattern)]
        if not matching:
            near = ", ".join(get_close_matches(pattern, names)) or "none"
            raise ValueError(
                f"plan: the model has no submodule {pattern!r}; close names: {near}. Patterns are "
                "such as 'layers.*.mlp.up'"
            )
        found |= dict.fromkeys(matching, style)
    return {name: style_of(style) for name, style in found.items()}
