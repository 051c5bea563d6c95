"""Parameter counts, and all costs in one table."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from engine_model.analysis import (
    get_model_complexity_info,
    parameter_count,
    parameter_count_table,
)
from engine_model.analysis.table import short


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU())
        self.head = nn.Linear(8, 10)
        self.tied = nn.Linear(8, 10, bias=False)
        self.tied.weight = self.head.weight

    def forward(self, x: Tensor, scale: Tensor | None = None) -> Tensor:
        found: Tensor = self.head(self.stem(x).mean(dim=(2, 3)))
        return found if scale is None else found * scale


def test_parameters_are_counted_at_every_name() -> None:
    assert parameter_count(Net()) == {
        **{"": 314, "stem": 224, "stem.0": 224, "stem.0.weight": 216, "stem.0.bias": 8},
        **{"head": 90, "head.weight": 80, "head.bias": 10},
    }


def test_the_table_shows_shapes_and_stops_at_a_depth() -> None:
    shown = parameter_count_table(Net())
    assert "parameter count of Net" in shown
    assert "(8, 3, 3, 3)" in shown
    lines = parameter_count_table(Net(), max_depth=1).splitlines()
    assert not any("weight" in line for line in lines)
    assert any(line.split("|")[1:3] == ["  stem ", "  0.2K              "] for line in lines)


def test_everything_is_in_one_place() -> None:
    info = get_model_complexity_info(Net(), (3, 16, 16))
    assert (info["params"], info["flops"]) == (314, 256 * 8 * 27 + 80)
    assert info["activations"] == 8 * 256 + 10
    assert (info["params_str"], info["flops_str"]) == ("0.314K", "55.376K")
    assert "|  stem " in info["out_table"]
    assert "55.296K" in info["out_table"]
    assert "(head): Linear(\n    in_features=8, out_features=10, bias=True" in info["out_arch"]
    assert "#params: 0.22K, #flops: 55.3K, #acts: 2.05K" in info["out_arch"]


def test_several_inputs_and_no_tables() -> None:
    info = get_model_complexity_info(Net(), ((3, 8, 8), (10,)), show_table=False, show_arch=False)
    given = get_model_complexity_info(
        Net(), inputs=(torch.rand(1, 3, 8, 8), torch.rand(1, 10)), show_table=False
    )
    assert info["flops"] == given["flops"] == 64 * 8 * 27 + 80
    assert (info["out_table"], info["out_arch"]) == ("", "")


def test_exactly_one_way_to_say_the_input() -> None:
    with pytest.raises(ValueError, match="either input_shape"):
        get_model_complexity_info(Net())
    with pytest.raises(ValueError, match="or inputs"):
        get_model_complexity_info(Net(), (3, 8, 8), torch.rand(1, 3, 8, 8))


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "0"), (16, "16"), (330, "0.33K"), (25557032, "25.557M"), (4089284608, "4.089G")],
)
def test_numbers_are_short(number: int, expected: str) -> None:
    assert short(number) == expected
