"""All of a model's costs in one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from engine_model.analysis.activations import ActivationAnalyzer
from engine_model.analysis.flops import FlopAnalyzer
from engine_model.analysis.parameters import parameter_count
from engine_model.analysis.table import short, table

__all__ = ["get_model_complexity_info"]

_DEPTH = 3


def get_model_complexity_info(
    model: nn.Module,
    input_shape: tuple[int, ...] | tuple[tuple[int, ...], ...] | None = None,
    inputs: Tensor | tuple[Tensor, ...] | tuple[Any, ...] | None = None,
    show_table: bool = True,
    show_arch: bool = True,
    *,
    uncalled_modules_warnings: bool = True,
) -> dict[str, Any]:
    """Return parameters, operations and activations of a model.

    Args:
        model: the model, in the mode to be looked at.
        input_shape: the shape of one input without the batch, (C, H, W); or several shapes.
        inputs: the inputs themselves, in place of their shapes.
        show_table: whether to make a table of the modules.
        show_arch: whether to print the model with the numbers in it.
        uncalled_modules_warnings: whether to tell which modules had nothing to do.

    Returns:
        ``flops``, ``activations`` and ``params``, each with a text ``..._str``, and ``out_table``
        and ``out_arch``.

    Raises:
        ValueError: both ``input_shape`` and ``inputs`` are given, or neither is.
    """
    if (input_shape is None) == (inputs is None):
        raise ValueError(
            "give either input_shape, such as (3, 224, 224), or inputs, the arguments of the "
            f"model: got input_shape={input_shape!r} and inputs of type {type(inputs).__name__}"
        )
    if input_shape is not None:
        inputs = _random_inputs(model, input_shape)
    given = inputs if isinstance(inputs, tuple) else (inputs,)
    counts = parameter_count(model)
    flops = FlopAnalyzer(model, given).uncalled_modules_warnings(uncalled_modules_warnings)
    activations = ActivationAnalyzer(model, given).uncalled_modules_warnings(False)
    numbers = _Numbers(counts, flops.by_module(), activations.by_module())
    total = {"flops": flops.total(), "activations": activations.total(), "params": counts[""]}
    return {
        **total,
        **{f"{name}_str": short(number) for name, number in total.items()},
        "out_table": _as_table(model, numbers) if show_table else "",
        "out_arch": _annotated(model, "", numbers) if show_arch else "",
    }


class _Numbers(NamedTuple):
    """Parameters, operations and activations by the name of a module."""

    counts: Mapping[str, int]
    flops: Counter[str]
    activations: Counter[str]


def _random_inputs(model: nn.Module, shapes: Any) -> tuple[Tensor, ...]:
    device = next((each.device for each in model.parameters()), torch.device("cpu"))
    several = isinstance(shapes[0], tuple | list)
    return tuple(
        torch.randn(1, *shape, device=device) for shape in (shapes if several else (shapes,))
    )


def _as_table(model: nn.Module, numbers: _Numbers) -> str:
    counts, flops, activations = numbers
    shapes = {name: tuple(each.shape) for name, each in model.named_parameters()}
    names = [name for name in counts if name and name.count(".") < _DEPTH]
    names += [
        name
        for name, _ in model.named_modules()
        if name.count(".") < _DEPTH and name not in counts and (flops[name] or activations[name])
    ]
    rows = [["model", short(counts[""]), short(flops[""]), short(activations[""])]]
    for name in names:
        indent = " " * (name.count(".") + 1)
        if name in shapes:
            rows.append([indent + name, f"{indent}{shapes[name]}", "", ""])
            continue
        cells = (counts.get(name, 0), flops[name], activations[name])
        rows.append([indent + name, *(f"{indent}{short(cell)}" if cell else "" for cell in cells)])
    return table(["module", "#parameters or shape", "#flops", "#activations"], rows)


def _annotated(module: nn.Module, name: str, numbers: _Numbers) -> str:
    """The module as torch prints it, with its numbers."""
    counts, flops, activations = numbers
    told = (
        f"#params: {short(counts.get(name, 0), 2)}, #flops: {short(flops[name], 2)}, "
        f"#acts: {short(activations[name], 2)}"
    )
    has_numbers = counts.get(name, 0) or flops[name] or activations[name]
    extra = module.extra_repr()
    lines = [*(extra.split("\n") if extra else []), *([told] if has_numbers else [])]
    for child, part in module._modules.items():
        if part is not None:
            inner = f"{name}.{child}" if name else child
            lines.append(f"({child}): {_annotated(part, inner, numbers)}")
    if not lines or (len(lines) == 1 and not has_numbers):
        return f"{type(module).__name__}({extra})"
    body = "\n".join(lines).replace("\n", "\n  ")
    return f"{type(module).__name__}(\n  {body}\n)"
