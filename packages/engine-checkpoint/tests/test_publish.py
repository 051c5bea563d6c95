"""Checkpoints made ready to be given away."""

from __future__ import annotations

import hashlib
import pickletools
import zipfile
from pathlib import Path

import pytest
import torch

from engine_checkpoint import CheckpointError, publish_model, read_file, save_checkpoint
from engine_logging import MessageHub


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


def test_published_for_mmengine_everything_is_kept_and_histories_are_of_its_class(
    tmp_path: Path,
) -> None:
    hub = MessageHub("published")
    for value in (0.5, 0.25):
        hub.update_scalar("train/loss", value)
    hub.update_info("iter", 2)
    path = tmp_path / "epoch_3.pth"
    weights = {"w": torch.ones(2)}
    whole = {"meta": {"epoch": 3}, "state_dict": weights, "message_hub": hub.state_dict()}
    save_checkpoint(whole, str(path))
    published = publish_model(str(path), file_format="mmengine")
    assert Path(published).name.startswith("epoch_3-")
    assert published.endswith(".pth")
    with zipfile.ZipFile(published) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith("data.pkl"))
        called = pickletools.genops(archive.read(name))
        named = [argument for code, argument, _ in called if code.name == "GLOBAL"]
    assert "mmengine.logging.history_buffer HistoryBuffer" in named
    found = read_file(published)
    assert list(found) == list(whole)
    values, counts = found["message_hub"]["log_scalars"]["train/loss"].data
    assert (values.tolist(), counts.tolist()) == ([0.5, 0.25], [1, 1])
    assert found["message_hub"]["runtime_info"] == {"iter": 2}
    assert torch.equal(found["state_dict"]["w"], weights["w"])
