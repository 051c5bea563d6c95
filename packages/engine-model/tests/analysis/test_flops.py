"""Operations and activations against counts worked out by hand."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_model.analysis import (
    ActivationAnalyzer,
    FlopAnalyzer,
    activation_count,
    flop_count,
)


def net() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 10),
    )


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (nn.Linear(5, 7), (2, 5), 2 * 5 * 7),
        (nn.Linear(5, 7, bias=False), (2, 3, 5), 2 * 3 * 5 * 7),
        (nn.Conv2d(4, 6, 3, padding=1), (2, 4, 8, 8), 2 * 8 * 8 * 6 * 4 * 3 * 3),
        (nn.Conv2d(4, 6, 3, stride=2), (1, 4, 9, 9), 4 * 4 * 6 * 4 * 3 * 3),
        (nn.Conv2d(4, 8, 3, groups=4, padding=1), (1, 4, 8, 8), 8 * 8 * 8 * 1 * 3 * 3),
        (nn.Conv1d(2, 3, 5), (1, 2, 9), 5 * 3 * 2 * 5),
        (nn.ConvTranspose2d(4, 2, 2, stride=2), (1, 4, 5, 5), 5 * 5 * 4 * 2 * 2 * 2),
        (nn.BatchNorm2d(4), (2, 4, 3, 3), 5 * 2 * 4 * 9),
        (nn.BatchNorm2d(4).eval(), (2, 4, 3, 3), 2 * 2 * 4 * 9),
        (nn.BatchNorm1d(4, affine=False).eval(), (2, 4), 2 * 4),
        (nn.LayerNorm(6), (2, 6), 5 * 12),
        (nn.LayerNorm(6, elementwise_affine=False), (2, 6), 4 * 12),
        (nn.GroupNorm(2, 4), (2, 4, 3), 5 * 24),
        (nn.InstanceNorm1d(4, affine=True), (2, 4, 3), 5 * 24),
        (nn.AdaptiveAvgPool2d(1), (1, 4, 6, 6), 4 * 36),
        (nn.AvgPool2d(2), (1, 4, 6, 6), 4 * 9),
        (nn.Upsample(scale_factor=2, mode="bilinear"), (1, 2, 3, 3), 4 * 2 * 36),
        (nn.ReLU(), (2, 3), 0),
        (nn.Dropout(), (2, 3), 0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else str(value),
)
def test_a_layer_counts_as_worked_out_by_hand(
    layer: nn.Module, shape: tuple[int, ...], expected: int
) -> None:
    assert FlopAnalyzer(layer, torch.rand(shape)).total() == expected


def test_attention_is_two_products() -> None:
    class Attention(nn.Module):
        def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            return nn.functional.scaled_dot_product_attention(q, k, v)

    q, k, v = torch.rand(2, 3, 5, 4), torch.rand(2, 3, 7, 4), torch.rand(2, 3, 7, 4)
    analyzer = FlopAnalyzer(Attention(), (q, k, v)).unsupported_ops_warnings(False)
    assert analyzer.by_operator() == {"scaled_dot_product_attention": 2 * (2 * 3 * 5 * 7 * 4)}


def test_counts_are_given_by_module_and_operator() -> None:
    flops = FlopAnalyzer(net().eval(), torch.rand(1, 3, 16, 16))
    expected = {"conv": 256 * 8 * 27, "batch_norm": 4096, "adaptive_avg_pool2d": 2048}
    assert flops.by_operator() == {**expected, "linear": 80}
    by_module = {"0": 55296, "1": 4096, "2": 0, "3": 2048, "4": 0, "5": 80, "": 61520}
    assert dict(flops.by_module()) == by_module
    assert flops.by_module_and_operator()["5"] == Counter(linear=80)
    assert flops.total("0") == 55296
    assert (flops.unsupported_ops(), flops.uncalled_modules()) == (Counter(), set())
    with pytest.raises(KeyError, match="no module '9'"):
        flops.total("9")


def test_activations_are_what_convolutions_and_products_give() -> None:
    analyzer = ActivationAnalyzer(net().eval(), torch.rand(1, 3, 16, 16))
    assert analyzer.by_operator() == {"conv": 8 * 256, "linear": 10}


def test_the_functions_count_in_large_units() -> None:
    inputs = (torch.rand(1, 3, 16, 16),)
    flops, unknown = flop_count(net().eval(), inputs)
    assert flops["conv"] == pytest.approx(55296e-9)
    assert unknown == Counter()
    assert activation_count(net().eval(), inputs)[0]["linear"] == pytest.approx(10e-6)


def test_the_pass_leaves_the_model_and_the_generators_alone() -> None:
    model = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout())
    before = {key: value.clone() for key, value in model.state_dict().items()}
    state = torch.get_rng_state()
    FlopAnalyzer(model, torch.rand(3, 4)).total()
    torch.set_rng_state(state)
    FlopAnalyzer(model, torch.ones(3, 4)).total()
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert not model[0]._forward_hooks
    assert not model[0]._forward_pre_hooks


class Shared(nn.Module):
    """A layer under two names, one that is never called, and an operator nobody knows."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.same = self.first
        self.unused = nn.Linear(4, 4)
        self.holder = nn.ModuleList([nn.Linear(4, 2)])

    def forward(self, x: Tensor) -> Any:
        x = self.holder[0](self.same(self.first(x)))
        return x.sort(dim=1).values


def test_a_module_of_two_names_counts_under_the_first() -> None:
    flops = FlopAnalyzer(Shared(), torch.rand(1, 4)).unsupported_ops_warnings(False)
    flops.uncalled_modules_warnings(False)
    assert flops.canonical_module_name("same") == "first"
    assert flops.total("same") == flops.total("first") == 2 * 16
    assert flops.total("holder") == 8
    assert flops.copy().ancestor_mode("caller").total("holder") == 0
    assert flops.uncalled_modules() == {"unused"}


def test_what_is_not_counted_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    flops = FlopAnalyzer(Shared(), torch.rand(1, 4))
    with caplog.at_level(logging.WARNING):
        assert flops.unsupported_ops() == Counter({"aten::sort": 1})
        flops.total()
    assert [message.split(":")[0] for message in caplog.messages] == [
        "FlopAnalyzer knows no count for",
        "modules that were not called",
    ]


def test_operators_can_be_given_counts() -> None:
    flops = FlopAnalyzer(Shared(), torch.rand(1, 4)).uncalled_modules_warnings(False)
    flops.set_op_handle("aten::sort", lambda inputs, outputs: inputs[0].numel())
    assert flops.by_operator()["sort"] == 2
    flops.set_op_handle(**{"aten::sort": lambda inputs, outputs: Counter(compared=5)})
    assert flops.copy(new_inputs=torch.rand(3, 4)).by_operator()["compared"] == 5
    assert flops.set_op_handle("aten::sort", None).unsupported_ops() == Counter()
    assert flops.clear_op_handles().unsupported_ops_warnings(False).total() == 0


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        (lambda flops: flops.set_op_handle("aten::sort"), TypeError, "come in turn"),
        (lambda flops: flops.set_op_handle(3, None), TypeError, "must be a str"),
        (lambda flops: flops.ancestor_mode("parent"), ValueError, "'owner' or 'caller'"),
    ],
)
def test_wrong_settings_are_refused(act: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        act(FlopAnalyzer(net(), torch.rand(1, 3, 4, 4)))


def test_functions_are_counted_by_the_names_that_a_trace_gives_them() -> None:
    layers = (nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4 * 36, 2))
    flops = FlopAnalyzer(nn.Sequential(*layers), torch.ones(1, 3, 8, 8))
    assert flops.by_operator() == {"conv": 3888, "batch_norm": 720, "linear": 288}
    flops.set_op_handle("aten::batch_norm", lambda i, o: 7, "aten::flatten", lambda i, o: 3)
    assert flops.by_operator() == {"conv": 3888, "batch_norm": 7, "flatten": 3, "linear": 288}
    flops.set_op_handle("aten::_convolution", lambda i, o: 5, "aten::linear", lambda i, o: 1)
    assert flops.total() == 5 + 7 + 3 + 1


def test_upsampling_to_the_nearest_counts_one_an_output_and_the_rest_is_told() -> None:
    class Scaled(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return nn.functional.interpolate(torch.sigmoid(x).cumsum(1), scale_factor=2)

    counted, unknown = flop_count(Scaled(), (torch.ones(1, 3, 4, 4),))
    assert counted == {"upsample_nearest2d": pytest.approx(192e-9)}
    assert unknown == {"aten::sigmoid": 1, "aten::cumsum": 1}
