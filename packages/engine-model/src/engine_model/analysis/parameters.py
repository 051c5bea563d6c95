"""Parameters, counted for a model and each of its parts."""

from __future__ import annotations

from collections import defaultdict

from torch import nn

from engine_model.analysis.table import short, table

__all__ = ["parameter_count", "parameter_count_table"]


def parameter_count(model: nn.Module) -> defaultdict[str, int]:
    """Return the number of parameters by name: of the model (""), its modules, each parameter.

    A parameter that several modules share counts once, for the first of them.
    """
    found: defaultdict[str, int] = defaultdict(int)
    for name, parameter in model.named_parameters():
        parts = name.split(".")
        for end in range(len(parts) + 1):
            found[".".join(parts[:end])] += parameter.numel()
    return found


def parameter_count_table(model: nn.Module, max_depth: int = 3) -> str:
    """Return the number of parameters as a table.

    Args:
        model: the model.
        max_depth: how far into submodules.
    """
    counts = parameter_count(model)
    shapes = {name: tuple(each.shape) for name, each in model.named_parameters()}
    rows = [["model", short(counts[""], digits=1)]]
    for name, number in counts.items():
        depth = name.count(".") + 1 if name else 0
        if 0 < depth <= max_depth:
            indent = " " * depth
            shown = str(shapes[name]) if name in shapes else short(number, digits=1)
            rows.append([indent + name, indent + shown])
    title = f"parameter count of {type(model).__name__}"
    return table(["name", "#elements or shape"], rows, title=title)
