from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from engine_model import BaseModule, ModuleDict, ModuleList, PretrainedInit, Sequential
from engine_registry import MODELS


def constant(value: float) -> dict[str, Any]:
    return {"type": "Constant", "layer": "Linear", "val": value, "bias": value}


class Child(BaseModule):
    def __init__(self, init_cfg: Any = None) -> None:
        super().__init__(init_cfg)
        self.layer = nn.Linear(2, 2)
        self.num_calls = 0

    def init_weights(self) -> None:
        self.num_calls += 1
        super().init_weights()

    @property
    def value(self) -> float:
        (value,) = set(self.layer.weight.flatten().tolist())
        return float(value)


class Parent(BaseModule):
    def __init__(self, init_cfg: Any = None, child_cfg: Any = None) -> None:
        super().__init__(init_cfg)
        self.child = Child(child_cfg)
        self.layer = nn.Linear(2, 2)


def test_a_config_is_for_all_layers_inside() -> None:
    parent = Parent(constant(1))
    parent.init_weights()
    assert parent.child.value == 1
    assert (parent.layer.weight == 1).all()
    assert parent.is_init
    assert parent.child.is_init


def test_what_a_child_says_of_itself_wins() -> None:
    parent = Parent(constant(1), constant(2))
    parent.init_weights()
    assert parent.child.value == 2
    assert (parent.layer.weight == 1).all()


def test_a_second_call_warns_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    parent = Parent(constant(1))
    parent.init_weights()
    nn.init.constant_(parent.layer.weight, 7)
    parent.init_weights()
    assert "init_weights of Parent was called before" in caplog.text
    assert (parent.layer.weight == 7).all()
    assert parent.child.num_calls == 1


def test_a_child_that_is_initialised_is_left_alone() -> None:
    parent = Parent(child_cfg=constant(2))
    parent.child.init_weights()
    nn.init.constant_(parent.child.layer.weight, 7)
    parent.init_weights()
    assert parent.child.value == 7


@pytest.mark.parametrize("kind", ["Pretrained", PretrainedInit])
@pytest.mark.parametrize("position", [0, 1])
def test_pretrained_weights_win_over_everything(tmp_path: Path, position: int, kind: Any) -> None:
    weights = {key: torch.full_like(value, 9) for key, value in Parent().state_dict().items()}
    del weights["layer.weight"]
    torch.save(weights, tmp_path / "weights.pth")
    configs = [constant(1)]
    configs.insert(position, {"type": kind, "checkpoint": str(tmp_path / "weights.pth")})
    parent = Parent(configs, constant(2))
    parent.init_weights()
    assert parent.child.value == 9
    assert parent.child.num_calls == 1
    assert (parent.layer.weight == 1).all()  # the file doesn't have it


def test_the_config_is_a_copy_and_shows() -> None:
    config = constant(1)
    child = Child(config)
    config["val"] = 5
    assert child.init_cfg["val"] == 1
    assert "init_cfg={'type': 'Constant'" in repr(child)
    assert "init_cfg" not in repr(Child())


def test_containers_are_torchs_and_initialise_what_is_in_them() -> None:
    for container in (
        Sequential(Child(), nn.ReLU(), init_cfg=constant(3)),
        ModuleList([Child()], init_cfg=constant(3)),
        ModuleDict({"0": Child()}, init_cfg=constant(3)),
    ):
        container.init_weights()
        first: Any = container["0"] if isinstance(container, ModuleDict) else container[0]
        assert first.value == 3
        assert first.is_init
    assert isinstance(Sequential(), nn.Sequential)
    assert isinstance(ModuleList(), nn.ModuleList)
    assert isinstance(ModuleDict(), nn.ModuleDict)
    pieces: Any = Sequential(Child(), nn.ReLU())[:1]
    assert (type(pieces), len(pieces)) == (Sequential, 1)


def test_a_list_of_configs_builds_our_sequential() -> None:
    found = MODELS.build([{"type": "ModuleList"}, {"type": "ModuleDict"}])
    assert type(found) is Sequential
    assert [type(each) for each in found] == [ModuleList, ModuleDict]


def test_a_wrapped_child_is_initialised() -> None:
    class Wrapped(BaseModule):
        def __init__(self) -> None:
            super().__init__()
            self.child = nn.DataParallel(Child(constant(4)))

    parent = Wrapped()
    parent.init_weights()
    assert parent.child.module.value == 4
