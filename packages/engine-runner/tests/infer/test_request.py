"""Which model is meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine_checkpoint import CheckpointError
from engine_config import Config, ConfigNotFoundError
from engine_registry import FUNCTIONS, MODELS, UntrustedNameError, trusting
from engine_runner.infer import Inferencer
from engine_runner.infer.allocation import ModelTooLargeError, bounded_allocation
from engine_runner.infer.request import config_in, config_of, named_model


def test_a_config_a_dict_and_a_file_are_configs(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("model = dict(type='Sum')\n")
    for model in (Config({"model": {"type": "Sum"}}), {"model": {"type": "Sum"}}, str(file), file):
        found = config_of(model)
        assert found is not None and found.config.model == {"type": "Sum"} and not found.weights


def test_a_librarys_config_comes_with_its_weights(library: Path, weights: str) -> None:
    found = config_of("mmsums::sum/one.py")
    assert found is not None and found.weights == Path(weights).as_posix()
    (library / "model-index.yml").unlink()
    found = config_of("mmsums::sum/one")
    assert found is not None and not found.weights


def test_anything_else_is_told(library: Path) -> None:
    assert config_of("sum_one") is None
    with pytest.raises(TypeError, match="the path of one, a dict or the name of a model, got int"):
        config_of(3)
    with pytest.raises(ConfigNotFoundError):
        config_of("nowhere.py")
    for scope in (None, "engine", "mmengine"):
        with pytest.raises(ValueError, match="say of which library"):
            named_model("sum_one", scope)
    with pytest.raises(ValueError, match="publishes no model 'sum_on'; close names: sum_one"):
        named_model("sum_on", "mmsums")
    with pytest.raises(ConfigNotFoundError, match="pip install mmnowhere"):
        named_model("sum_one", "mmnowhere")


@pytest.mark.parametrize("checkpoint", [{}, {"meta": {}}, {"meta": None}, {"meta": {"cfg": 3}}, 7])
def test_a_checkpoint_without_a_config_is_told(checkpoint: Any) -> None:
    with pytest.raises(ValueError, match=r"a\.pth holds no config"):
        config_in(checkpoint, "a.pth")


def test_the_config_of_a_checkpoint_is_never_executed(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    text = f"import pathlib\npathlib.Path({str(mark)!r}).touch()\nmodel = dict(type='Sum')\n"
    with pytest.raises(Exception, match="trust"):
        config_in({"meta": {"cfg": text}}, "a.pth")
    assert not mark.exists()


@pytest.mark.parametrize("meta", [range(3), 1j, torch.float, torch.Size([1]), np.zeros(2), [1]])
def test_a_damaged_meta_is_told(meta: Any, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"a\.pth is damaged: its meta should be a dict"):
        config_in({"meta": meta}, "a.pth")
    for damaged in ({"meta": meta}, {"meta": {"dataset_meta": meta}}):
        torch.save({**damaged, "state_dict": nn.Linear(1, 1).state_dict()}, tmp_path / "a.pth")
        model = {"model": {"type": "torch.nn.Linear", "in_features": 1, "out_features": 1}}
        with pytest.raises(CheckpointError, match=r"is damaged: its meta.* should be a dict"):
            Inferencer(model, str(tmp_path / "a.pth"), device="cpu")


def test_a_strangers_model_has_the_machines_memory_at_most() -> None:
    layer = "dict(type='torch.nn.Linear', in_features=10**6, out_features=10**6)"
    small = "dict(type='torch.nn.Linear', in_features=1, out_features=1)"
    for model in (layer, f"[{small}, {layer}]"):
        config = Config.fromstring(f"model = {model}", ".py", trust=False)
        told = pytest.raises(
            ModelTooLargeError, match=r"4,000\.0 GB of memory .at a tensor of 1000000"
        )
        with told, trusting(False), bounded_allocation():
            MODELS.build(config.model)
    with pytest.raises(ModelTooLargeError, match=r"asks for 4,000\.0 GB of memory .at a tensor"):
        Inferencer(Config.fromstring(f"model = {layer}", ".py", trust=False), device="cpu")
    told = pytest.raises(
        ModelTooLargeError, match=r"asks for 4,000,000\.0 GB of memory .one tensor"
    )
    with told, bounded_allocation():
        torch.empty(10**15)


def test_a_strangers_model_starts_with_no_weights_that_it_names(tmp_path: Path) -> None:
    torch.save({"state_dict": {}}, tmp_path / "a.pth")
    for prefix in ("None", "'a'"):
        init = f"dict(type='Pretrained', prefix={prefix}, checkpoint={str(tmp_path / 'a.pth')!r})"
        text = f"model = dict(type='ModuleList', init_cfg={init})"
        with trusting(False):
            model = MODELS.build(Config.fromstring(text, ".py", trust=False).model)
            with pytest.raises(UntrustedNameError, match=r"'Pretrained.*' reads, writes or sends"):
                model.init_weights()
    for name in ("load_checkpoint", "load_checkpoint_with_prefix"):
        with pytest.raises(UntrustedNameError), trusting(False):
            FUNCTIONS.resolve(name)


def test_a_strangers_visualizer_writes_and_sends_nothing(tmp_path: Path) -> None:
    torch.save({"state_dict": {}}, tmp_path / "a.pth")
    text = (
        "model = dict(type='torch.nn.Identity')\nvisualizer = dict(type='Visualizer', "
        f"save_dir={str(tmp_path / 'out')!r}, vis_backends=[dict(type='LocalVisBackend')])\n"
    )
    for trust in (True, False):
        config = Config.fromstring(text, ".py", trust=trust)
        found = Inferencer(config, str(tmp_path / "a.pth"), device="cpu")
        assert bool(found.visualizer._vis_backends) is trust
    assert not (tmp_path / "out").exists()
