"""The parts of an inferencer that its config describes."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from engine_checkpoint import UnsafeCheckpointError, WrongModelError
from engine_dataset import default_collate, pseudo_collate
from engine_model import PlainModel
from engine_registry import MODELS


def test_a_config_without_a_model_is_told(weights: str, doubles: Any) -> None:
    with pytest.raises(ValueError, match="has no 'model'"):
        doubles({}, weights)


def test_weights_of_another_model_are_refused(sums: Any, tmp_path: Path, doubles: Any) -> None:
    torch.save({"other.weight": torch.zeros(2)}, tmp_path / "other.pth")
    with pytest.raises(WrongModelError, match=r"weights are not those of this Sum, not one of 1"):
        doubles(sums, str(tmp_path / "other.pth"))


def test_weights_are_read_without_executing_anything(
    sums: Any, tmp_path: Path, doubles: Any
) -> None:
    torch.save({"state_dict": {}, "hook": print}, tmp_path / "unsafe.pth")
    with pytest.raises(UnsafeCheckpointError, match="was not executed"):
        doubles(sums, str(tmp_path / "unsafe.pth"))


def test_weights_of_a_wrapped_model_fit(sums: Any, tmp_path: Path, doubles: Any) -> None:
    torch.save({"module.factor": torch.tensor(3.0)}, tmp_path / "wrapped.pth")
    assert doubles(sums, str(tmp_path / "wrapped.pth"))("1.x")["predictions"] == [6.0]


def test_pretrained_weights_arent_fetched_when_there_are_others(
    sums: Any, weights: str, doubles: Any
) -> None:
    sums["model"]["pretrained"] = "https://nowhere.invalid/a.pth"  # which Sum doesn't take
    assert doubles(sums, weights)("1.x")["predictions"] == [4.0]
    with pytest.warns(UserWarning, match="there are no weights"):
        doubles(sums)


def test_without_weights_a_model_starts_as_it_would_train(sums: Any, doubles: Any) -> None:
    class Starts(MODELS.get("Sum")):  # type: ignore[misc]
        def init_weights(self) -> None:
            nn.init.constant_(self.factor, 5.0)

    with pytest.warns(UserWarning, match="would start to train"):
        inferencer = doubles({**sums, "model": {"type": Starts}})
    assert inferencer("1.x")["predictions"] == [10.0]


def test_synchronised_normalisation_becomes_plain(tmp_path: Path, doubles: Any) -> None:
    net = nn.Sequential(nn.SyncBatchNorm(2))
    torch.save(net.state_dict(), tmp_path / "net.pth")
    model = {"type": "PlainModel", "module": net}
    found = doubles({"model": model}, str(tmp_path / "net.pth")).model
    assert not any(isinstance(part, nn.SyncBatchNorm) for part in found.modules())
    assert not found.training


def test_a_plain_module_predicts(tmp_path: Path, doubles: Any) -> None:
    torch.save(nn.Linear(2, 1).state_dict(), tmp_path / "net.pth")
    config = {"model": {"type": nn.Linear, "in_features": 2, "out_features": 1}}
    inferencer = doubles(config, str(tmp_path / "net.pth"))
    assert isinstance(inferencer.model, PlainModel)


def test_the_config_says_how_samples_become_a_batch(sums: Any, weights: str, doubles: Any) -> None:
    assert doubles(sums, weights).collate_fn is default_collate
    assert doubles({"model": sums["model"]}, weights).collate_fn is pseudo_collate


def test_compile_holds_for_inference(
    sums: Any, weights: str, doubles: Any, caplog: pytest.LogCaptureFixture
) -> None:
    compiling = {**sums, "compile": {"backend": "eager"}}
    with caplog.at_level(logging.INFO):
        assert doubles(compiling, weights)("1.x")["predictions"] == [4.0]
    assert any("compiled Sum" in message for message in caplog.messages)


def test_published_models_are_listed(library: Path, doubles: Any) -> None:
    names = ["sum_one", "one", "sum_two", "two", "zwei"]
    assert doubles.list_models("mmsums") == names
    assert doubles.list_models("mmsums", "sum_") == ["sum_one", "sum_two"]
    assert doubles._get_repo_or_mim_dir("mmsums") == str(library)
    assert [each["Name"] for each in doubles._get_models_from_metafile(str(library))] == [
        "sum_one",
        "sum_two",
    ]
    for scope in (None, "engine", "mmengine"):
        with pytest.raises(ValueError, match="say of which library"):
            doubles.list_models(scope)
