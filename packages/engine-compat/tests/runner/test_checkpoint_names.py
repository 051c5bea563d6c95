"""Functions of MMEngine that load from one kind of place."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mmengine.runner import checkpoint


def test_a_checkpoint_is_read_by_the_function_of_its_place(tmp_path: Path) -> None:
    file = tmp_path / "a.pth"
    torch.save({"state_dict": {"weight": torch.ones(2)}}, file)
    found = checkpoint.load_from_local(str(file), map_location="cpu")
    assert found["state_dict"]["weight"].tolist() == [1.0, 1.0]
    with pytest.raises(FileNotFoundError):
        checkpoint.load_from_local(str(tmp_path / "b.pth"))


def test_there_is_one_for_each_place() -> None:
    for place in ("local", "http", "pavi", "ceph", "torchvision", "openmmlab", "mmcls"):
        assert callable(getattr(checkpoint, f"load_from_{place}"))
