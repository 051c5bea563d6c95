"""Weights in the format of safetensors, both ways."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from toy import Line, without_validation

from engine_checkpoint import (
    CheckpointError,
    CheckpointLoader,
    load_checkpoint,
    publish_model,
    save_checkpoint,
)
from engine_checkpoint.safetensors_file import read_safetensors, safetensors_bytes

safetensors = pytest.importorskip("safetensors.torch", reason="safetensors isn't installed")

WEIGHTS = {"w": torch.arange(6.0).reshape(2, 3).T, "half": torch.ones(2, dtype=torch.bfloat16)}


def test_what_is_published_is_read_back_and_by_safetensors_itself(tmp_path: Path) -> None:
    tied = {**WEIGHTS, "again": WEIGHTS["w"]}
    meta = {"epoch": 3, "classes": ("a", "b"), "unwritable": torch.ones(1)}
    save_checkpoint({"meta": meta, "state_dict": tied}, str(tmp_path / "epoch_3.pth"))
    published = publish_model(str(tmp_path / "epoch_3.pth"), file_format="safetensors")
    assert Path(published).name.startswith("epoch_3-")
    assert published.endswith(".safetensors")
    found = CheckpointLoader.load_checkpoint(published, logger="silent")
    assert found["meta"] == {"epoch": 3, "classes": ["a", "b"]}
    assert all(torch.equal(found["state_dict"][key], tied[key]) for key in tied)
    assert safetensors.load_file(published).keys() == tied.keys()
    back = CheckpointLoader.load_checkpoint(publish_model(published), logger="silent")
    assert back["state_dict"].keys() == tied.keys()


def test_a_file_of_others_is_loaded_into_a_model(tmp_path: Path) -> None:
    model, other = Line(), Line()
    torch.nn.init.constant_(other.layer.weight, 7.0)
    safetensors.save_file(other.state_dict(), tmp_path / "line.safetensors")
    load_checkpoint(model, str(tmp_path / "line.safetensors"), strict=True)
    assert torch.equal(model.layer.weight, other.layer.weight)


def test_a_training_starts_from_one(toy: Any, tmp_path: Path) -> None:
    other = Line()
    torch.nn.init.constant_(other.layer.weight, 7.0)
    safetensors.save_file(other.state_dict(), tmp_path / "line.safetensors")
    frozen = {"optimizer": {"type": "SGD", "lr": 0.0}}
    options = without_validation(load_from=str(tmp_path / "line.safetensors"))
    runner = toy(**options, optim_wrapper=frozen)
    runner.train()
    assert torch.equal(runner.model.layer.weight, other.layer.weight)


def test_every_cut_and_flipped_bit_of_ours_is_refused(tmp_path: Path) -> None:
    whole, draw = safetensors_bytes(WEIGHTS, {"epoch": 3}), random.Random(0)
    file = tmp_path / "a.safetensors"
    expected = {key: value.tolist() for key, value in WEIGHTS.items()}
    for part in range(50):
        file.write_bytes(whole[: len(whole) * part // 50])
        with pytest.raises(CheckpointError, match=r"a\.safetensors is no file of safetensors"):
            read_safetensors(file)
    refused = 0
    for _ in range(200):
        changed = bytearray(whole)
        changed[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        file.write_bytes(changed)
        try:
            found = read_safetensors(file)
        except CheckpointError:
            refused += 1
            continue
        assert {key: value.tolist() for key, value in found["state_dict"].items()} == expected
        assert found["meta"] == {"epoch": 3}
    assert refused > 150


def test_what_is_no_tensor_is_named() -> None:
    with pytest.raises(CheckpointError, match="'_extra_state' is a dict"):
        safetensors_bytes({"w": torch.ones(1), "_extra_state": {}})


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="file_format is one of pth, safetensors, mmengine, got"):
        publish_model(str(tmp_path / "a.pth"), file_format="onnx")


def test_an_index_names_files_beside_it_and_not_too_many(tmp_path: Path) -> None:
    index = tmp_path / "model.safetensors.index.json"
    names = ["../a", "/a", "a/b", "a\\b", "", ".", "..", "c:a", "a\0b", 5, None, ["a"]]
    for name in names:
        index.write_text(json.dumps({"weight_map": {"w": name}}))
        with pytest.raises(CheckpointError, match="which is no file beside it"):
            load_checkpoint(Line(), str(index))
    for number, told in ((100, "names a0, which isn't beside it"), (30_000, "names 30,000 files")):
        index.write_text(json.dumps({"weight_map": {f"w{i}": f"a{i}" for i in range(number)}}))
        with pytest.raises(CheckpointError, match=told):
            load_checkpoint(Line(), str(index))
