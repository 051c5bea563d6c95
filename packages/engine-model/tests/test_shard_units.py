"""Which parts of a model are gathered each by itself."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from engine_model.shard_units import class_named, shard_units


class Block(nn.Module):
    """Two layers: 20 and 20 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.up, self.down = nn.Linear(4, 4), nn.Linear(4, 4)


class Net(nn.Module):
    """Two blocks and a head of 10 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Block(), Block()])
        self.head = nn.Linear(4, 2)


class Names(Net):
    """Says itself what belongs together, as transformers' models do."""

    _no_split_modules = ("Block",)


BLOCKS = ["layers.1", "layers.0"]


@pytest.mark.parametrize(
    ("policy", "units"),
    [
        ("Block", BLOCKS),
        (Block, BLOCKS),
        (["layers.*"], BLOCKS),
        ("layers.*.down", ["layers.1.down", "layers.0.down"]),
        (["head", "Block"], ["head", *BLOCKS]),
        ({"type": "ModuleWrapPolicy", "module_classes": [Block]}, BLOCKS),
        (
            {"type": "transformer_auto_wrap_policy", "transformer_layer_cls": ["torch.nn.Linear"]},
            ["head", "layers.1.down", "layers.1.up", "layers.0.down", "layers.0.up"],
        ),
        (None, []),
    ],
)
def test_parts_are_chosen_by_class_and_by_name(policy: Any, units: list[str]) -> None:
    asked = [policy] if isinstance(policy, type) else policy
    assert shard_units(Net(), asked) == units


def test_a_model_that_names_its_blocks_is_asked() -> None:
    assert shard_units(Names(), None) == BLOCKS


@pytest.mark.parametrize(
    ("number", "units"),
    [
        (30, ["layers.0", "layers.1"]),
        (20, ["layers.0.up", "layers.0.down", "layers.1.up", "layers.1.down"]),
        (10, ["layers.0.up", "layers.0.down", "layers.1.up", "layers.1.down", "head"]),
        (1000, []),
    ],
)
def test_a_part_is_as_large_as_asked_for_without_those_in_it(number: int, units: list[str]) -> None:
    assert shard_units(Net(), number) == units
    config = {
        "type": "torch.distributed.fsdp.wrap.size_based_auto_wrap_policy",
        "min_num_params": number,
    }
    assert shard_units(Net(), config) == units


def test_a_function_is_asked_as_torch_asks_it() -> None:
    def policy(module: nn.Module, recurse: bool, nonwrapped_numel: int) -> bool:
        return recurse or isinstance(module, Block)

    assert shard_units(Net(), policy) == ["layers.0", "layers.1"]
    config = {"type": "lambda_auto_wrap_policy", "lambda_fn": lambda part: type(part) is Block}
    assert shard_units(Net(), config) == ["layers.0", "layers.1"]


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("Blok", "no submodule of the class or name 'Blok'; close ones: Block"),
        ({"type": "biggest"}, "there is no policy 'biggest'"),
        (0, "must be positive"),
    ],
)
def test_a_policy_that_means_nothing_is_told(policy: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        shard_units(Net(), policy)


def test_what_is_no_policy_is_told() -> None:
    with pytest.raises(TypeError, match="wrap_policy must be a number"):
        shard_units(Net(), 1.5)


def test_a_class_is_found_by_its_address() -> None:
    assert class_named("torch.nn.Linear") is nn.Linear
    with pytest.raises(ValueError, match=r"there is no class 'nn\.Linear'"):
        class_named("nn.Linear")
