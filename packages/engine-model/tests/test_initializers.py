from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from engine_model import (
    BaseInit,
    Caffe2XavierInit,
    KaimingInit,
    PretrainedInit,
    bias_init_with_prob,
    initialize,
)
from engine_registry import WEIGHT_INITIALIZERS


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Linear(4, 2)
        self.tail = nn.Sequential(nn.Linear(2, 2))


def filled(layer: Any, weight: float, bias: float = 0.0) -> bool:
    return bool((layer.weight == weight).all() and (layer.bias == bias).all())


def test_only_layers_of_the_named_classes_are_initialised() -> None:
    net = Net()
    before = net.conv.weight.clone()
    initialize(net, {"type": "Constant", "layer": "Linear", "val": 2.0, "bias": 1.0})
    assert filled(net.head, 2, 1)
    assert filled(net.tail[0], 2, 1)
    assert torch.equal(net.conv.weight, before)
    initialize(net, {"type": "Constant", "layer": ["_ConvNd", "Linear"], "val": 3.0})
    assert filled(net.conv, 3)
    assert filled(net.head, 3)


def test_several_initialisers_take_turns() -> None:
    net = Net()
    initialize(
        net,
        [
            {"type": "Constant", "layer": "Conv2d", "val": 1.0},
            {"type": "Constant", "layer": "Linear", "val": 2.0},
        ],
    )
    assert filled(net.conv, 1)
    assert filled(net.head, 2)


def test_an_override_initialises_the_whole_child_by_its_own_initialiser() -> None:
    net = Net()
    override = {"type": "Constant", "name": "tail", "val": 5.0, "bias": 6.0}
    config = {"type": "Constant", "layer": "Linear", "val": 1.0, "override": override}
    initialize(net, config)
    assert filled(net.head, 1)
    assert filled(net.tail[0], 5, 6)
    assert config["override"] is override
    assert override["name"] == "tail"


def test_an_override_without_type_uses_the_outer_initialiser() -> None:
    net = Net()
    before = net.head.weight.clone()
    names = [{"name": "conv"}, {"name": "tail"}]
    initialize(net, {"type": "Constant", "val": 1.0, "bias": 2.0, "override": names})
    assert filled(net.conv, 1, 2)
    assert filled(net.tail[0], 1, 2)
    assert torch.equal(net.head.weight, before)


def test_a_bias_can_be_given_as_a_probability() -> None:
    net = Net()
    initialize(net, {"type": "Normal", "std": 0.1, "bias_prob": 0.01, "layer": "Linear"})
    assert torch.allclose(net.head.bias, torch.full((2,), bias_init_with_prob(0.01)))


def test_without_layer_and_override_nothing_happens_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    layer = nn.Linear(2, 2)
    before = layer.weight.clone()
    initialize(layer, {"type": "Constant", "val": 1.0})
    assert torch.equal(layer.weight, before)
    assert "without layer and override initialises nothing" in caplog.text


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        (3, TypeError, "init_cfg must be a config or a list of configs, got 3"),
        ([{"type": "Normal", "layer": "Linear"}, 3], TypeError, "init_cfg must be"),
        ({"type": "Constant", "val": 1, "override": 3}, TypeError, "override must be"),
        ({"type": "Constant", "val": 1, "override": {"type": "Normal"}}, ValueError, "'name'"),
        (
            {"type": "Constant", "val": 1, "override": {"name": "head", "val": 2}},
            ValueError,
            "override of 'head' has arguments, and no 'type'",
        ),
        (
            {"type": "Constant", "val": 1, "override": {"name": "hed"}},
            RuntimeError,
            "Net has no module 'hed'; there are conv, head, tail",
        ),
        ({"type": "Normal", "layer": 3}, TypeError, "layer must be the name"),
        ({"type": "Normal", "layer": "Linear", "bias": "x"}, TypeError, "bias must be a number"),
        ({"type": "Normal", "layer": "Linear", "bias_prob": 1}, TypeError, "bias_prob must be"),
    ],
)
def test_a_wrong_config_is_refused(config: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        initialize(Net(), config)


def test_every_initialiser_is_found_by_name() -> None:
    for name in (
        *("Caffe2Xavier", "Constant", "Kaiming", "Normal", "Pretrained", "TruncNormal"),
        *("Uniform", "Xavier"),
    ):
        found = WEIGHT_INITIALIZERS.get(name)
        assert isinstance(found, type)
        assert found.__name__ == f"{name}Init"


@pytest.mark.parametrize("name", ["Xavier", "Normal", "TruncNormal", "Uniform", "Kaiming"])
def test_a_named_initialiser_draws_new_weights(name: str) -> None:
    net = Net()
    before = net.head.weight.clone()
    initialize(net, {"type": name, "layer": "Linear", "bias": 0.5})
    assert not torch.equal(net.head.weight, before)
    assert (net.head.bias == 0.5).all()


def test_caffe2s_is_kaimings_with_its_own_arguments() -> None:
    first, second = nn.Linear(3, 3), nn.Linear(3, 3)
    torch.manual_seed(3)
    Caffe2XavierInit(layer="Linear")(first)
    torch.manual_seed(3)
    KaimingInit(1, "fan_in", "leaky_relu", "uniform", layer="Linear")(second)
    assert torch.equal(first.weight, second.weight)


def test_an_own_initialiser_says_how_to_fill_a_layer() -> None:
    class Twos(BaseInit):
        def fill(self, layer: Any) -> None:
            nn.init.constant_(layer.weight, 2)

    net = Net()
    Twos(layer="Linear")(net)
    assert (net.head.weight == 2).all()
    with pytest.raises(NotImplementedError, match="BaseInit doesn't say how"):
        BaseInit(layer="Linear")(net)


def test_pretrained_weights_are_loaded_as_far_as_they_fit(tmp_path: Path) -> None:
    source, net = Net(), Net()
    weights = source.state_dict()
    del weights["head.weight"]
    torch.save({"state_dict": weights}, tmp_path / "weights.pth")
    before = net.head.weight.clone()
    initialize(net, {"type": "Pretrained", "checkpoint": str(tmp_path / "weights.pth")})
    assert torch.equal(net.conv.weight, source.conv.weight)
    assert torch.equal(net.head.weight, before)


def test_a_part_of_pretrained_weights_is_taken_by_its_prefix(tmp_path: Path) -> None:
    source, layer = Net(), nn.Conv2d(3, 4, 3)
    torch.save({"state_dict": source.state_dict()}, tmp_path / "weights.pth")
    PretrainedInit(str(tmp_path / "weights.pth"), prefix="conv")(layer)
    assert torch.equal(layer.weight, source.conv.weight)
