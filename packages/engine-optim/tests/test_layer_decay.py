"""Learning rates fall from the top to the input."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from engine_optim import build_optim_wrapper

SGD = {"type": "SGD", "lr": 0.1, "weight_decay": 0.01}


class Backbone(nn.Module):
    """Knows the depth of its parameters, as MMPretrain's backbones do."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Linear(1, 1)
        self.blocks = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))

    def get_layer_depth(self, name: str, prefix: str = "") -> tuple[int, int]:
        name = name.removeprefix(prefix)
        return (1 + int(name.split(".")[1]) if name.startswith("blocks") else 0), 4


class Model(nn.Module):
    """A backbone and a head."""

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(1, 1)


def rates(model: nn.Module, **options: Any) -> dict[str, float]:
    wrapper = build_optim_wrapper(
        model,
        {
            "optimizer": SGD,
            "constructor": "LearningRateDecayOptimWrapperConstructor",
            "paramwise_cfg": {"layer_decay_rate": 0.5, **options},
        },
    )
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return {
        names[id(parameter)]: group["lr"]
        for group in wrapper.optimizer.param_groups
        for parameter in group["params"]
    }


def test_a_backbone_tells_its_layers() -> None:
    found = rates(Model(Backbone()))
    assert found == pytest.approx(
        {
            **{f"backbone.stem.{kind}": 0.0125 for kind in ("weight", "bias")},
            **{f"backbone.blocks.0.{kind}": 0.025 for kind in ("weight", "bias")},
            **{f"backbone.blocks.1.{kind}": 0.05 for kind in ("weight", "bias")},
            **{f"head.{kind}": 0.1 for kind in ("weight", "bias")},
        }
    )


def test_a_model_that_is_a_backbone_is_asked_itself() -> None:
    assert rates(Backbone())["blocks.1.weight"] == pytest.approx(0.05)


def test_layers_can_be_said_by_name() -> None:
    model = nn.Sequential(*(nn.Linear(1, 1) for _ in range(12)))
    found = rates(model, layers=["0", "1", "10"])
    assert found["0.weight"] == pytest.approx(0.0125)
    assert found["1.bias"] == pytest.approx(0.025)
    assert found["10.weight"] == pytest.approx(0.05)  # not a part of layer "1"
    assert found["11.weight"] == found["2.weight"] == 0.1


def test_the_longest_name_of_a_layer_decides() -> None:
    found = rates(Backbone(), layers=["stem", "blocks", "blocks.1"])
    assert found["blocks.0.weight"] == pytest.approx(0.025)
    assert found["blocks.1.weight"] == pytest.approx(0.05)


def test_the_other_options_go_on() -> None:
    found = rates(Model(Backbone()), bias_lr_mult=2.0, custom_keys={"head": {"lr_mult": 10.0}})
    assert found["backbone.stem.weight"] == pytest.approx(0.0125)
    assert found["backbone.stem.bias"] == pytest.approx(0.025)
    assert found["head.bias"] == pytest.approx(1.0)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(TypeError, match=r"layers of Linear: give their names as .*layers="):
        rates(nn.Linear(1, 1))
    for rate in (None, 0, 1.5, "0.7"):
        with pytest.raises(ValueError, match=rf"must lie in \(0, 1\], got {rate!r}"):
            rates(nn.Linear(1, 1), layer_decay_rate=rate)
    with pytest.raises(ValueError, match="no option 'layer_decay'"):
        rates(nn.Linear(1, 1), layer_decay=0.5)
    config = {
        "optimizer": {"type": "Adam"},
        "constructor": "LearningRateDecayOptimWrapperConstructor",
        "paramwise_cfg": {"layer_decay_rate": 0.5},
    }
    with pytest.raises(ValueError, match="layer_decay_rate needs a 'lr'"):
        build_optim_wrapper(nn.Linear(1, 1), config)
