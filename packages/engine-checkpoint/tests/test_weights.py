"""Weights: taken out, put in, and told what didn't fit."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine_checkpoint import (
    CheckpointError,
    WrongModelError,
    get_state_dict,
    load_checkpoint,
    load_into_model,
    load_state_dict,
    read_with_prefix,
    save_checkpoint,
    weights_to_cpu,
)


def model() -> nn.Sequential:
    return nn.Sequential(OrderedDict(conv=nn.Conv2d(1, 2, 1), norm=nn.BatchNorm2d(2)))


def filled(value: float) -> OrderedDict[str, Tensor]:
    weights = model().state_dict()
    for tensor in weights.values():
        tensor.fill_(value)
    return weights


def same(first: Any, second: Any) -> bool:
    return list(first) == list(second) and all(
        torch.equal(first[key], second[key]) for key in first if isinstance(first[key], Tensor)
    )


def test_weights_that_fit_are_loaded_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    net = model()
    report = load_state_dict(net, filled(2), strict=True)
    assert same(net.state_dict(), filled(2))
    assert report == ([], [], [], 7, [])
    assert str(report) == ""
    assert capsys.readouterr().out == ""


def test_what_does_not_fit_is_told_and_the_rest_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    net, weights = model(), filled(2)
    del weights["norm.bias"]
    weights["head.weight"] = torch.ones(1)
    weights["conv.weight"] = torch.ones(3, 1, 1, 1)
    before = net.conv.weight.clone()
    report = load_state_dict(net, weights)
    assert report.missing == ["norm.bias"]
    assert report.unexpected == ["head.weight"]
    assert report.wrong_shape == [("conv.weight", (3, 1, 1, 1), (2, 1, 1, 1))]
    assert report.num_loaded == 5
    assert torch.equal(net.conv.weight, before)
    assert net.conv.bias.tolist() == [2, 2]
    assert capsys.readouterr().out.splitlines() == [
        "The model and loaded state dict do not match exactly",
        "",
        "unexpected key in source state_dict: head.weight",
        "missing keys in source state_dict: norm.bias",
        "size mismatch for conv.weight: (3, 1, 1, 1) in the file, (2, 1, 1, 1) in the model",
        "",
    ]


@pytest.mark.parametrize("wrong", ["missing", "unexpected", "shape"])
@pytest.mark.parametrize(
    "make", [model, lambda: nn.Sequential(OrderedDict(conv=nn.Conv2d(1, 2, 1)))]
)
def test_strictly_nothing_is_loaded_unless_everything_fits(wrong: str, make: Any) -> None:
    net = make()
    weights = OrderedDict(
        (key, torch.full_like(value, 2)) for key, value in net.state_dict().items()
    )
    if wrong == "missing":
        del weights["conv.bias"]
    elif wrong == "unexpected":
        weights["head"] = torch.ones(1)
    else:
        weights["conv.bias"] = torch.ones(9)
    before = {key: value.clone() for key, value in net.state_dict().items()}
    with pytest.raises(
        WrongModelError, match=r"not those of this Sequential:\n.*(conv\.bias|head)"
    ):
        load_state_dict(net, weights, strict=True)
    assert same(net.state_dict(), before)


def test_many_keys_are_not_all_listed() -> None:
    weights = {f"k{i}": torch.ones(1) for i in range(50)}
    with pytest.raises(WrongModelError, match=r"k18, k19, and 30 more\n"):
        load_state_dict(model(), weights, strict=True)


def test_the_prefix_of_a_wrapper_makes_no_difference() -> None:
    inner = model()
    load_state_dict(nn.DataParallel(inner), filled(3), strict=True)
    assert same(inner.state_dict(), filled(3))
    assert same(get_state_dict(nn.DataParallel(inner)), inner.state_dict())


def test_batch_norms_of_old_torch_load_by_the_version_in_their_metadata() -> None:
    weights = filled(2)
    del weights["norm.num_batches_tracked"]
    weights._metadata["norm"]["version"] = 1
    report = load_state_dict(model(), weights, strict=True)
    assert report.missing == []
    revised = OrderedDict((f"module.{key}", value) for key, value in weights.items())
    revised._metadata = weights._metadata
    net = model()
    load_into_model(net, {"state_dict": revised}, strict=True)
    assert net.norm.num_batches_tracked == 0


def test_keys_are_revised_in_turn() -> None:
    net = model()
    weights = OrderedDict((f"module.backbone.{k}", v) for k, v in filled(4).items())
    load_into_model(
        net, weights, strict=True, revise_keys=[(r"^module\.", ""), (r"^backbone\.", "")]
    )
    assert same(net.state_dict(), filled(4))
    load_into_model(net, {f"moduleXconv.{k}": v for k, v in filled(5).items()}, logger="silent")
    assert same(net.state_dict(), filled(4))


def test_a_checkpoint_is_read_and_given_back(tmp_path: Path) -> None:
    file = str(tmp_path / "a.pth")
    save_checkpoint({"state_dict": filled(6), "meta": {"epoch": 3}}, file)
    net = model()
    checkpoint = load_checkpoint(net, file, "cpu", strict=True, logger="silent")
    assert checkpoint["meta"] == {"epoch": 3}
    assert same(net.state_dict(), filled(6))
    torch.save(filled(7), file)  # weights alone
    load_checkpoint(net, file, "cpu", strict=True, logger="silent")
    assert same(net.state_dict(), filled(7))


@pytest.mark.parametrize("content", [[1], 3, {"state_dict": [1]}])
def test_a_file_without_weights_is_refused(tmp_path: Path, content: Any) -> None:
    file = str(tmp_path / "a.pth")
    torch.save(content, file)
    with pytest.raises(
        CheckpointError, match=r"a\.pth is no checkpoint: (it holds|its state_dict is) a "
    ):
        load_checkpoint(model(), file, logger="silent")


def test_weights_below_a_prefix_are_read_alone(tmp_path: Path) -> None:
    file = str(tmp_path / "a.pth")
    weights = {f"backbone.{k}": v for k, v in filled(1).items()} | {"backbone2.w": torch.ones(1)}
    save_checkpoint({"state_dict": weights}, file)
    for prefix in ("backbone", "backbone."):
        assert same(read_with_prefix(prefix, file, logger="silent"), filled(1))
    with pytest.raises(
        CheckpointError, match=r"begin with 'neck\.'; there are backbone, backbone2"
    ):
        read_with_prefix("neck", file, logger="silent")


class Hooked(nn.Module):
    """Has a buffer that isn't saved, extra state, and hooks of its state dict."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)
        self.register_buffer("kept", torch.ones(1))
        self.register_buffer("left_out", torch.ones(1), persistent=False)
        self.nothing = None
        self.register_module("none", None)
        self.called = 0
        self.register_state_dict_pre_hook(self._count)
        self._register_state_dict_hook(self._rename)

    def _count(self, *_: Any) -> None:
        self.called += 1

    @staticmethod
    def _rename(module: nn.Module, state: Any, prefix: str, metadata: Any) -> None:
        state[f"{prefix}renamed"] = state.pop(f"{prefix}kept")
        metadata["hooked"] = True

    def get_extra_state(self) -> dict[str, int]:
        return {"version": 3}

    def set_extra_state(self, state: Any) -> None: ...


@pytest.mark.parametrize("make", [model, Hooked, lambda: nn.Sequential(Hooked(), model())])
def test_a_state_dict_is_torchs(make: Any) -> None:
    net = make()
    ours, theirs = get_state_dict(net), net.state_dict()
    assert same(ours, theirs)
    assert ours._metadata == theirs._metadata
    if isinstance(net, Hooked):
        assert net.called == 2
    assert same(get_state_dict(net, prefix="a."), net.state_dict(prefix="a."))
    assert all(not value.requires_grad for value in ours.values() if isinstance(value, Tensor))
    with_graph = get_state_dict(net, keep_vars=True)
    assert any(value.requires_grad for value in with_graph.values() if isinstance(value, Tensor))


def test_parts_that_are_wrapped_lose_the_wrappers_prefix() -> None:
    net = nn.ModuleDict({"first": nn.DataParallel(model()), "second": model()})
    keys = [f"{part}.{key}" for part in ("first", "second") for key in filled(0)]
    assert list(get_state_dict(net)) == keys


def test_a_dict_that_is_given_is_filled() -> None:
    destination: dict[str, Any] = {"there": 1}
    assert get_state_dict(nn.Linear(1, 1), destination) is destination
    assert list(destination) == ["there", "weight", "bias"]


def test_weights_go_to_the_cpu_with_their_metadata() -> None:
    weights = filled(1)
    moved = weights_to_cpu({**weights, "extra": {"a": 1}})
    assert moved["extra"] == {"a": 1}
    assert weights_to_cpu(weights)._metadata == weights._metadata
    assert all(value.device.type == "cpu" for value in weights_to_cpu(weights).values())


@pytest.mark.parametrize("key", [1, None, 1.5, ("a",), b"weight"])
@pytest.mark.parametrize("nested", [True, False])
def test_weights_without_names_are_an_error_that_says_so(
    tmp_path: Path, key: Any, nested: bool
) -> None:
    weights = {"weight": torch.ones(1, 1), key: torch.ones(1)}
    torch.save({"state_dict": weights} if nested else weights, tmp_path / "a.pth")
    with pytest.raises(CheckpointError, match=r"a\.pth is no checkpoint: weights go by names"):
        load_checkpoint(nn.Linear(1, 1), str(tmp_path / "a.pth"))
