"""Plans of tensor parallelism, by names."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn
from torch.distributed.tensor import Replicate, Shard
from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel

from engine_runner.strategy.parallel_styles import layers_of_plan, style_of

MODEL = nn.ModuleDict({"layers": nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])})


def test_styles_go_by_names_and_take_torchs_arguments() -> None:
    assert isinstance(style_of("colwise"), ColwiseParallel)
    style = style_of({"type": "RowwiseParallel", "output_layouts": "shard(1)"})
    assert isinstance(style, RowwiseParallel)
    assert style.output_layouts == (Shard(1),)
    assert style_of(style) is style
    inner = style_of(
        {
            "type": "prepare_input",
            "input_layouts": ["shard(0)"],
            "desired_input_layouts": ["replicate"],
        }
    )
    assert inner.desired_input_layouts == (Replicate(),)


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        ("columns", ValueError, "there is no style 'columns'; there are colwise"),
        ({"type": "colwise", "layout": 1}, TypeError, "the style 'colwise'"),
        ({"type": "colwise", "input_layouts": "split"}, ValueError, "a layout is 'replicate'"),
        (3, TypeError, "a style is a name or a dict"),
    ],
)
def test_a_wrong_style_is_told(given: Any, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        style_of(given)


def test_of_two_patterns_the_later_one_counts() -> None:
    plan = layers_of_plan(MODEL, {"layers.*": "colwise", "layers.1": "rowwise"})
    assert {name: type(style) for name, style in plan.items()} == {
        "layers.0": ColwiseParallel,
        "layers.1": RowwiseParallel,
    }


def test_a_pattern_that_means_nothing_is_told() -> None:
    with pytest.raises(ValueError, match=r"no submodule 'layer\.0'; close names: layers\.0"):
        layers_of_plan(MODEL, {"layer.0": "colwise"})
