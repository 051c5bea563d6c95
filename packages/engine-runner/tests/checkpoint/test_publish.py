"""Checkpoints made ready to be given away."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch

from engine_runner.checkpoint import CheckpointError, publish_model, read_file, save_checkpoint


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "epoch_3.pth"
    whole = {"meta": {"epoch": 3}, "state_dict": {"w": torch.ones(2)}, "optimizer": {"a": 1}}
    save_checkpoint(whole, str(path))
    return path


def test_a_published_model_holds_the_parts_that_are_asked_for(file: Path) -> None:
    published = Path(publish_model(str(file)))
    assert list(read_file(published)) == ["meta", "state_dict"]
    assert list(read_file(publish_model(str(file), "state_dict"))) == ["state_dict"]
    assert list(read_file(file)) == ["meta", "state_dict", "optimizer"]


def test_its_name_ends_with_its_digest(file: Path) -> None:
    published = Path(publish_model(str(file), ["meta", "nothing"]))
    digest = hashlib.sha256(published.read_bytes()).hexdigest()
    assert published == file.parent / f"epoch_3-{digest[:8]}.pth"


def test_a_checkpoint_with_none_of_the_parts_is_refused(file: Path) -> None:
    with pytest.raises(CheckpointError, match=r"has none of \['ema'\]; it has \['meta', 'opt"):
        publish_model(str(file), ["ema"])
    assert [path.name for path in file.parent.iterdir()] == [file.name]
