from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from engine_model import convert_sync_batchnorm, revert_sync_batchnorm


def network() -> nn.Sequential:
    made = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Sequential(nn.BatchNorm2d(4)))
    made(torch.randn(5, 3, 8, 8))  # statistics that differ from those at the start
    return made


def test_to_sync_and_back_gives_the_same_network() -> None:
    plain = network()
    state = {key: value.clone() for key, value in plain.state_dict().items()}
    images = torch.randn(2, 3, 8, 8)
    wanted = plain.eval()(images)
    converted = convert_sync_batchnorm(plain)
    kinds = [type(part) for part in converted.modules() if isinstance(part, _BatchNorm)]
    assert kinds == [nn.SyncBatchNorm] * 2
    reverted = revert_sync_batchnorm(converted)
    assert not any(isinstance(part, nn.SyncBatchNorm) for part in reverted.modules())
    assert not any(part.training for part in reverted.modules())
    assert torch.equal(reverted(images), wanted)
    found = reverted.state_dict()
    assert found.keys() == state.keys()
    assert all(torch.equal(found[key], value) for key, value in state.items())


def test_a_reverted_layer_trains_as_a_plain_one() -> None:
    plain, reverted = nn.BatchNorm2d(3), revert_sync_batchnorm(nn.SyncBatchNorm(3))
    images = torch.randn(2, 3, 4, 4)
    assert torch.equal(reverted(images), plain(images))
    assert torch.equal(reverted.running_mean, plain.running_mean)


def test_a_layer_without_weights_or_statistics_is_reverted_too() -> None:
    layer: Any = nn.SyncBatchNorm(3, affine=False, track_running_stats=False)
    found: Any = revert_sync_batchnorm(layer)
    assert not isinstance(found, nn.SyncBatchNorm)
    assert found.weight is None
    assert found.running_mean is None


def test_a_network_without_batch_normalisation_is_the_same() -> None:
    plain = nn.Sequential(nn.Linear(2, 2))
    layer = plain[0]
    assert convert_sync_batchnorm(plain) is plain
    assert revert_sync_batchnorm(plain) is plain
    assert plain[0] is layer


class OfMmcv(_BatchNorm):
    def _check_input_dim(self, input: Any) -> None: ...  # noqa: A002 - torch's name


def test_the_layer_of_mmcv_can_be_chosen_and_is_reverted(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("mmcv.ops")
    module.SyncBatchNorm = OfMmcv
    monkeypatch.setitem(sys.modules, "mmcv", ModuleType("mmcv"))
    monkeypatch.setitem(sys.modules, "mmcv.ops", module)
    converted = convert_sync_batchnorm(network(), implementation="mmcv")
    assert sum(isinstance(part, OfMmcv) for part in converted.modules()) == 2
    reverted = revert_sync_batchnorm(converted)
    assert not any(isinstance(part, OfMmcv) for part in reverted.modules())


def test_another_implementation_is_refused() -> None:
    with pytest.raises(ValueError, match="'torch' or 'mmcv', got 'apex'"):
        convert_sync_batchnorm(network(), "apex")
