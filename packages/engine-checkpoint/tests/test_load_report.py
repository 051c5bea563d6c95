"""What a module's own hooks do to weights, before anybody asks whether they fit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_checkpoint import WrongModelError, load_checkpoint, load_state_dict
from engine_model import BaseModule


class Positions(nn.Module):
    """Position embeddings of a grid, which a hook resizes as a ViT's does."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side
        self.pos_embed = nn.Parameter(torch.zeros(1, side * side, 2))
        self.head = nn.Linear(2, 3)
        self.register_load_state_dict_pre_hook(type(self).resize)

    @staticmethod
    def resize(self: Positions, state_dict: dict[str, Any], prefix: str, *_: Any) -> None:
        source = state_dict[f"{prefix}pos_embed"]
        state_dict[f"{prefix}pos_embed"] = resized(source, self.side)


def resized(source: Tensor, side: int) -> Tensor:
    old = int(source.shape[1] ** 0.5)
    grid = source.reshape(1, old, old, -1).permute(0, 3, 1, 2)
    grid = nn.functional.interpolate(grid, size=(side, side), mode="bicubic")
    return grid.permute(0, 2, 3, 1).flatten(1, 2)


class Overriding(Positions):
    """The same by an overridden method, as mmpretrain's Swin has it."""

    @staticmethod
    def resize(self: Positions, *_: Any) -> None: ...

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
        state_dict[f"{prefix}pos_embed"] = resized(state_dict[f"{prefix}pos_embed"], self.side)
        super()._load_from_state_dict(state_dict, prefix, *args)


class Within(nn.Module):
    """The hook is deep inside."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(2, 2), Positions(side))


def position_of(module: nn.Module) -> Tensor:
    return next(v for k, v in module.state_dict().items() if k.endswith("pos_embed"))


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("kind", [Positions, Overriding, Within])
def test_weights_of_another_resolution_are_resized_by_the_module(
    kind: Callable[[int], nn.Module], capsys: pytest.CaptureFixture[str], *, strict: bool
) -> None:
    source, target = kind(7), kind(14)
    nn.init.normal_(position_of(source))
    report = load_state_dict(target, source.state_dict(), strict=strict)
    assert report.fits
    assert report.num_loaded == len(source.state_dict())
    assert torch.equal(position_of(target), resized(position_of(source), 14))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("strict", [True, False])
def test_a_checkpoint_of_another_resolution_is_loaded_by_every_way(
    tmp_path: Path, *, strict: bool
) -> None:
    source, target = Within(4), Within(6)
    nn.init.normal_(position_of(source))
    wanted = resized(position_of(source), 6)
    weights = {f"module.{key}": value for key, value in source.state_dict().items()}
    torch.save({"state_dict": weights}, tmp_path / "x.pth")
    load_checkpoint(target, str(tmp_path / "x.pth"), strict=strict)
    assert torch.equal(position_of(target), wanted)

    class Net(BaseModule):
        def __init__(self) -> None:
            cfg = {"type": "Pretrained", "checkpoint": str(tmp_path / "x.pth")}
            super().__init__({**cfg, "prefix": "module.backbone.1"})
            self.inner = Positions(6)

        def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
            for key in [key for key in state_dict if not key.startswith("inner.")]:
                state_dict[f"inner.{key}"] = state_dict.pop(key)
            super()._load_from_state_dict(state_dict, prefix, *args)

    net = Net()
    net.init_weights()
    assert torch.equal(net.inner.pos_embed, wanted)


class Renaming(nn.Module):
    """Splits one weight into two and renames another, as a library does for its older files."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
        self.scale = nn.Parameter(torch.ones(1))
        self._register_load_state_dict_pre_hook(self._modernise)

    def _modernise(self, state_dict: dict[str, Any], prefix: str, *_: Any) -> None:
        both = state_dict.pop(f"{prefix}qk", None)
        if both is not None:
            state_dict[f"{prefix}query.weight"], state_dict[f"{prefix}key.weight"] = both.chunk(2)
        if f"{prefix}gamma" in state_dict:
            state_dict[f"{prefix}scale"] = state_dict.pop(f"{prefix}gamma")


@pytest.mark.parametrize("strict", [True, False])
def test_keys_that_a_module_renames_splits_and_adds_fit(*, strict: bool) -> None:
    net = nn.Sequential(Renaming())
    report = load_state_dict(
        net, {"0.qk": torch.arange(8.0).reshape(4, 2), "0.gamma": torch.tensor([3.0])}, strict
    )
    assert report.fits
    assert torch.equal(net[0].key.weight, torch.arange(4.0, 8.0).reshape(2, 2))
    assert net[0].scale.item() == 3


def test_strictly_nothing_is_put_in_where_a_hook_leaves_something_over() -> None:
    net = nn.Sequential(Positions(3), nn.BatchNorm1d(2), Renaming())
    before = {key: value.clone() for key, value in net.state_dict().items()}
    wrong = {key: torch.ones_like(value) for key, value in net.state_dict().items()}
    wrong["2.scale"] = torch.ones(5)
    with pytest.raises(WrongModelError, match=r"size mismatch for 2\.scale: \(5,\).*\(1,\)"):
        load_state_dict(net, wrong, strict=True)
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    report = load_state_dict(net, wrong, logger="silent")
    assert report.wrong_shape == [("2.scale", (5,), (1,))]
    assert torch.equal(position_of(net), torch.ones(1, 9, 2))
    assert net[2].scale.item() == 1


def test_a_lazy_module_takes_its_shape_from_the_weights() -> None:
    for strict in (True, False):
        net = nn.Sequential(nn.LazyLinear(3))
        assert load_state_dict(net, nn.Sequential(nn.Linear(5, 3)).state_dict(), strict).fits
        assert net[0].weight.shape == (3, 5)


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor", "ignore:TypedStorage")
def test_quantised_weights_are_put_in_by_their_module(tmp_path: Path) -> None:
    from torch.ao.nn.quantized import Linear

    source, target = Linear(3, 2), Linear(3, 2)
    weight = torch.quantize_per_tensor(torch.ones(2, 3), 0.1, 0, torch.qint8)
    source.set_weight_bias(weight, torch.ones(2))
    source.scale = 0.5
    torch.save({"state_dict": source.state_dict()}, tmp_path / "x.pth")
    load_checkpoint(target, str(tmp_path / "x.pth"), strict=True)
    assert torch.equal(target.weight().dequantize(), weight.dequantize())
    assert (target.bias().tolist(), target.scale) == ([1.0, 1.0], 0.5)


def test_what_a_module_says_of_its_weights_is_told() -> None:
    class Doubting(nn.Linear):
        def _load_from_state_dict(self, *args: Any) -> None:
            args[6].append("these are of another dialect")

    net = nn.Sequential(Doubting(2, 2))
    with pytest.raises(WrongModelError, match="another dialect"):
        load_state_dict(net, net.state_dict(), strict=True)
    assert load_state_dict(net, net.state_dict(), logger="silent").errors == [
        "these are of another dialect"
    ]


def test_hooks_after_loading_are_called() -> None:
    told: list[Any] = []
    net = nn.Sequential(nn.Linear(2, 2))
    net[0].register_load_state_dict_post_hook(lambda module, keys: told.append(keys.missing_keys))
    load_state_dict(net, {}, logger="silent")
    assert told == [["0.weight", "0.bias"]]


@pytest.mark.parametrize("strict", [True, False])
def test_hooks_run_once_also_those_that_change_weights_in_place(*, strict: bool) -> None:
    told: list[str] = []

    class Doubling(nn.Linear):
        def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
            told.append("before")
            state_dict[f"{prefix}weight"].mul_(2)
            super()._load_from_state_dict(state_dict, prefix, *args)

    net = nn.Sequential(Doubling(1, 1, bias=False))
    net[0].register_load_state_dict_post_hook(lambda *_: told.append("after"))
    load_state_dict(net, {"0.weight": torch.ones(1, 1)}, strict)
    assert net[0].weight.item() == 2
    assert told == ["before", "after"]
