"""Pickles that MMEngine 0.10.7 wrote load, and hold what was in them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import mmengine.registry
from engine_config import Config, ConfigDict
from engine_logging import HistoryBuffer, MessageHub
from engine_structures import BaseDataElement, InstanceData, LabelData, PixelData
from mmengine.runner import CheckpointLoader

WRITTEN = Path(__file__).parent / "written_by_mmengine"


def unpickled(name: str) -> Any:
    return pickle.loads((WRITTEN / f"{name}.pkl").read_bytes())


def test_a_config() -> None:
    found = unpickled("config")
    assert type(found) is Config
    assert found == Config({"model": {"type": "A", "x": [1, {"b": 2}]}, "lr": 0.1})
    assert found.model.x[1].b == 2


def test_a_config_dict() -> None:
    found = unpickled("configdict")
    assert type(found) is ConfigDict
    assert found.model.x[1].b == 2


def test_a_config_with_lazily_imported_classes() -> None:
    found = unpickled("lazy")
    assert found.hook.type is mmengine.hooks.EMAHook
    assert "type='mmengine.hooks.EMAHook'" in found.pretty_text


def test_a_history() -> None:
    found = unpickled("history")
    assert type(found) is HistoryBuffer
    assert np.array_equal(found.data[0], [1, 2, 3])
    assert (found.mean(), found.current(), found.statistics("max")) == (2, 3, 3)


def test_a_message_hub_and_its_state() -> None:
    found = unpickled("hub")
    assert type(found) is MessageHub
    assert found.get_info("epoch") == 3
    assert found.get_scalar("train/loss").current() == 0.5
    other = MessageHub("restored")
    other.load_state_dict(unpickled("hub_state"))
    assert other.get_info("epoch") == 3
    assert other.get_scalar("train/loss").current() == 0.5


def test_elements() -> None:
    instance = unpickled("instance")
    assert type(instance) is InstanceData
    assert instance.img_shape == (3, 4)
    assert instance.boxes.shape == (2, 4)
    assert instance[1].labels.tolist() == [2]
    element = unpickled("element")
    assert type(element) is BaseDataElement
    assert (element.a, element.gt.labels.tolist()) == (1, [1, 2])
    pixel, label = unpickled("pixel"), unpickled("label")
    assert (type(pixel), pixel.shape) == (PixelData, (2, 2))
    assert (type(label), label.item.tolist()) == (LabelData, [1, 1, 1])


@pytest.mark.parametrize(
    "kind", ["config", "configdict", "history", "instance", "element", "pixel", "label"]
)
def test_they_load_in_a_checkpoint_too_which_executes_nothing(kind: str) -> None:
    found = CheckpointLoader.load_checkpoint(str(WRITTEN / "checkpoint.pth"), "cpu", None)
    assert type(found[kind]) is type(unpickled(kind))
    assert torch.equal(found["state_dict"]["w"], torch.ones(2))
    assert found["message_hub"]["runtime_info"]["epoch"] == 3


def test_what_we_pickle_comes_back() -> None:
    for kind in ("config", "instance", "history", "hub"):
        found = unpickled(kind)
        again = pickle.loads(pickle.dumps(found))
        assert type(again) is type(found)
