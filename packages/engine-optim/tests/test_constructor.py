"""Settings of each parameter are MMEngine's, recorded from it, and mistakes are named."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from engine_optim import (
    DefaultOptimWrapperConstructor,
    OptimWrapper,
    build_optim_wrapper,
)

# Recorded by running mmengine 0.10.7 on `Model` with SGD(lr=0.1, momentum=0.9, weight_decay=1e-3)
# and classes DeformConv2d and ModulatedDeformConv2d in a module mmcv.ops: for each option, the
# [lr, weight_decay, momentum] of the parameters that differ from the optimizer's own.
RECORDED = json.loads((Path(__file__).parent / "mmengine_paramwise.json").read_text("utf-8"))
SGD = {"type": "SGD", "lr": 0.1, "momentum": 0.9, "weight_decay": 1e-3}


class DeformConv2d(nn.Module):
    """Parameters in the places where mmcv's deformable convolution has them, and more."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2, 2))
        self.bias = nn.Parameter(torch.zeros(2))
        self.conv_offset = nn.Conv2d(2, 2, 1)
        self.depthwise = nn.Conv2d(2, 2, 1, groups=2)
        self.norm = nn.BatchNorm2d(2)
        self.vector = nn.RMSNorm(3)
        self.linear_conv_offset = nn.Linear(2, 2)
        self.deeper = nn.Sequential(nn.Conv2d(1, 1, 1))


class ModulatedDeformConv2d(DeformConv2d):
    """Mmcv's other one."""


class Part(nn.Module):
    """One of each kind of layer that an option is about."""

    def __init__(self) -> None:
        super().__init__()
        self.vector = nn.Parameter(torch.ones(1))
        self.conv1 = nn.Conv2d(3, 4, 1, bias=False)
        self.conv2 = nn.Conv2d(4, 2, 1)
        self.depthwise = nn.Conv2d(2, 2, 3, groups=2)
        self.depthwise1d = nn.Conv1d(2, 2, 1, groups=2)
        self.batch_norm = nn.BatchNorm2d(2)
        self.layer_norm = nn.LayerNorm(2)
        self.group_norm = nn.GroupNorm(1, 2)
        self.instance_norm = nn.InstanceNorm2d(2, affine=True)
        self.rms_norm = nn.RMSNorm(2)
        self.linear = nn.Linear(2, 2)
        self.embedding = nn.Embedding(3, 2)
        self.attention = nn.MultiheadAttention(2, 1)


class Model(nn.Module):
    """What the settings were recorded of."""

    def __init__(self) -> None:
        super().__init__()
        self.part = Part()
        self.deformable = DeformConv2d()
        self.modulated = ModulatedDeformConv2d()
        self.inner = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
        self.frozen = nn.Linear(2, 2)
        self.frozen.weight.requires_grad_(False)
        self.matrix = nn.Parameter(torch.zeros(3, 3))
        self.conv_offset = nn.Conv2d(1, 1, 1)


class Shared(nn.Module):
    """Two layers with one weight."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 2)
        self.second = nn.Linear(2, 2)
        self.second.weight = self.first.weight


def settings(model: nn.Module, wrapper: OptimWrapper) -> dict[str, list[Any]]:
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return {
        names[id(parameter)]: [group["lr"], group["weight_decay"], group.get("momentum")]
        for group in wrapper.optimizer.param_groups
        for parameter in group["params"]
    }


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: str(case["paramwise_cfg"]))
def test_settings_are_mmengines(case: dict[str, Any]) -> None:
    model = Model()
    wrapper = build_optim_wrapper(model, {"optimizer": SGD, "paramwise_cfg": case["paramwise_cfg"]})
    own = [0.1, 1e-3, 0.9]
    trained = {name for name, each in model.named_parameters() if each.requires_grad}
    if "layer" in case["paramwise_cfg"].get("custom_keys", {}):  # where ours differs on purpose
        for name in ("part.layer_norm.weight", "part.layer_norm.bias"):
            case["differ"][name] = [0.2, 5e-4, 0.9]
    assert settings(model, wrapper) == {name: case["differ"].get(name, own) for name in trained}


def test_without_options_all_parameters_share_one_group() -> None:
    model = Model()
    wrapper = build_optim_wrapper(model, {"optimizer": SGD})
    (group,) = wrapper.param_groups
    assert [*map(id, group["params"])] == [*map(id, model.parameters())]
    assert wrapper.get_lr() == {"lr": [0.1]}


def test_parameters_with_the_same_settings_share_a_group() -> None:
    model = Model()
    wrapper = build_optim_wrapper(model, {"optimizer": SGD, "paramwise_cfg": {"bias_lr_mult": 2.0}})
    assert len(wrapper.optimizer.param_groups) == 2
    assert wrapper.get_lr() == {"base_lr": [0.1], "lr": [0.1, 0.2]}
    assert len(wrapper.param_groups) == 3  # the base settings, too, are scheduled


def test_a_shared_weight_that_would_be_moved_twice_is_refused() -> None:
    config = {"optimizer": SGD, "paramwise_cfg": {"bias_lr_mult": 2.0}}
    with pytest.raises(ValueError, match=r"second\.weight is in the optimizer already.*bypass"):
        build_optim_wrapper(Shared(), config)


def test_a_shared_weight_is_used_once_if_asked(caplog: pytest.LogCaptureFixture) -> None:
    model = Shared()
    config = {"optimizer": SGD, "paramwise_cfg": {"bypass_duplicate": True}}
    with caplog.at_level(logging.WARNING):
        wrapper = build_optim_wrapper(model, config)
    assert [each for group in wrapper.optimizer.param_groups for each in group["params"]] == [
        *model.parameters()
    ]
    assert "second.weight is there already" in caplog.text


def test_the_model_in_a_wrapper_is_what_counts() -> None:
    class Wrapper(nn.Module):
        def __init__(self, module: nn.Module) -> None:
            super().__init__()
            self.module = module

    model = Model()
    config = {"optimizer": SGD, "paramwise_cfg": {"custom_keys": {"part": {"lr_mult": 0.5}}}}
    wrapped = build_optim_wrapper(Wrapper(model), config)
    assert settings(model, wrapped)["part.conv1.weight"] == [0.05, 1e-3, 0.9]


def test_a_subclass_may_place_parameters_itself() -> None:
    class ByDepth(DefaultOptimWrapperConstructor):
        def add_params(self, params: Any, module: Any, prefix: str = "", **kwargs: Any) -> None:
            del prefix, kwargs
            for depth, child in enumerate(module.children()):
                lr = self.base_lr * self.paramwise_cfg["decay_rate"] ** depth
                params.append({"params": [*child.parameters()], "lr": lr})

    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    wrapper = ByDepth({"optimizer": SGD}, {"decay_rate": 0.5})(model)
    assert wrapper.get_lr()["lr"] == [0.1, 0.05]


def test_a_subclass_that_extends_sees_every_module() -> None:
    visited = []

    class Watching(DefaultOptimWrapperConstructor):
        def add_params(self, params: Any, module: Any, prefix: str = "", **kwargs: Any) -> None:
            visited.append(prefix)
            super().add_params(params, module, prefix=prefix, **kwargs)

    model = nn.Sequential(nn.Sequential(nn.Linear(1, 1)))
    Watching({"optimizer": SGD}, {"norm_decay_mult": 0.0})(model)
    assert visited == ["", "0", "0.0"]


@pytest.mark.parametrize(
    ("optimizer", "options", "message"),
    [
        (SGD, {"norm_decay": 0}, r"no option 'norm_decay'; there are .*norm_decay_mult"),
        ({"type": "SGD", "lr": 1}, {"norm_decay_mult": 0}, "needs a 'weight_decay' of the opt"),
        ({"type": "Adam"}, {"bias_lr_mult": 2}, "'bias_lr_mult' needs a 'lr' of the optimizer"),
        (SGD, {"custom_keys": {"pert.conv1": {"lr_mult": 2}}}, r"'pert.conv1'.* part\.conv1"),
        (SGD, {"custom_keys": {"part": {"lr_mul": 2}}}, "has 'lr_mul'.*Close names: lr_mult"),
        (SGD, {"custom_keys": {"part": {"momentun": 2}}}, "Close names: momentum"),
        (
            {"type": "Adam"},
            {"custom_keys": {"head": {"lr_mult": 2}}},
            "'custom_keys: head' needs a 'lr'",
        ),
    ],
)
def test_an_option_without_effect_is_refused(
    optimizer: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build_optim_wrapper(Model(), {"optimizer": optimizer, "paramwise_cfg": options})


def test_configs_of_the_wrong_kind_are_named() -> None:
    with pytest.raises(TypeError, match="optim_wrapper must be a dict, got 'SGD'"):
        DefaultOptimWrapperConstructor("SGD")
    with pytest.raises(ValueError, match="needs the key 'optimizer'"):
        DefaultOptimWrapperConstructor({"type": "OptimWrapper"})
    with pytest.raises(TypeError, match="paramwise_cfg must be a dict"):
        DefaultOptimWrapperConstructor({"optimizer": SGD}, ["norm"])
    with pytest.raises(TypeError, match=r"custom_keys must map names to dicts.*'head': 2"):
        DefaultOptimWrapperConstructor({"optimizer": SGD}, {"custom_keys": {"head": 2}})


def test_other_options_decide_what_a_custom_key_says_nothing_of() -> None:
    model = nn.ModuleDict({"backbone": nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2))})
    options = {"norm_decay_mult": 0.0, "bias_lr_mult": 2.0, "bias_decay_mult": 0.5}
    for given, expected in (
        ({"lr_mult": 0.5}, ([0.05, 1e-3, 0.9], [0.05, 5e-4, 0.9], [0.05, 0.0, 0.9])),
        ({"decay_mult": 4}, ([0.1, 4e-3, 0.9], [0.2, 4e-3, 0.9], [0.1, 4e-3, 0.9])),
        ({"lr_mult": 3, "decay_mult": 1}, ([0.1 * 3, 1e-3, 0.9],) * 3),
    ):
        cfg = {**options, "custom_keys": {"backbone": given}}
        found = settings(
            model, build_optim_wrapper(model, {"optimizer": SGD, "paramwise_cfg": cfg})
        )
        names = ("backbone.0.weight", "backbone.0.bias", "backbone.1.weight")
        assert tuple(found[name] for name in names) == expected


def test_a_custom_key_can_freeze_parameters() -> None:
    model = nn.ModuleDict({"backbone": nn.Linear(2, 2), "head": nn.Linear(2, 2)})
    cfg = {"custom_keys": {"backbone": {"requires_grad": False}, "head": {"requires_grad": True}}}
    found = settings(model, build_optim_wrapper(model, {"optimizer": SGD, "paramwise_cfg": cfg}))
    assert [*found] == ["head.weight", "head.bias"]
    assert not any(each.requires_grad for each in model["backbone"].parameters())


@pytest.mark.parametrize(
    ("custom", "warning"),
    [
        ({"absolute_pos_embed": {"decay_mult": 0.0}}, "no parameter of Model has 'absolute_pos"),
        ({"inner.5": {"lr_mult": 0.1}}, "no parameter of Model has 'inner.5' in its name"),
        ({"inner": {"colour": "red"}}, "'inner'] has 'colour', which no optimizer reads"),
    ],
)
def test_a_custom_key_that_does_nothing_is_warned_of_where_it_may_be_meant_so(
    custom: dict[str, Any], warning: str, caplog: pytest.LogCaptureFixture
) -> None:
    build_optim_wrapper(Model(), {"optimizer": SGD, "paramwise_cfg": {"custom_keys": custom}})
    assert warning in caplog.text


class Holds:
    """A wrapper that is no module, as tests of libraries have it."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module


class Passes(Holds):
    """One that hands everything on."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["module"], name)


@pytest.mark.parametrize("wrapper", [Holds, Passes])
def test_a_model_may_lie_in_what_is_no_module(wrapper: type[Holds]) -> None:
    for options, rates in ((None, [0.3]), ({"bias_lr_mult": 2.0}, [0.3, 0.6])):
        config = {"optimizer": {"type": "SGD", "lr": 0.3}, "paramwise_cfg": options}
        made: Any = build_optim_wrapper(wrapper(nn.Linear(2, 2)), config)  # type: ignore[arg-type]
        assert made.get_lr()["lr"] == rates


class Renamed(torch.optim.SGD):
    """An optimizer that calls its parameters otherwise."""

    def __init__(self, parameters: Any, lr: float) -> None:
        super().__init__(parameters, lr=lr)


@pytest.mark.parametrize("options", [None, {"bias_lr_mult": 2.0}])
def test_an_optimizer_may_call_its_parameters_as_it_likes(options: Any) -> None:
    config = {"optimizer": {"type": Renamed, "lr": 0.3}, "paramwise_cfg": options}
    wrapper = build_optim_wrapper(nn.Linear(2, 2), config)
    assert wrapper.get_lr()["lr"] == ([0.3] if options is None else [0.3, 0.6])
