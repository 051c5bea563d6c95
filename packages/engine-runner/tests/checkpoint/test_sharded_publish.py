"""A sharded checkpoint in one file, of either format."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from engine_checkpoint import CheckpointError, ShardedWriter, publish_model, read_file
from engine_checkpoint.safetensors_file import read_safetensors
from engine_runner.cli.publish import publish


def weights() -> dict[str, torch.Tensor]:
    """Weights of several kinds."""
    torch.manual_seed(1)
    return {
        "w": torch.randn(5, 3),
        "half": torch.randn(4).bfloat16(),
        "count": torch.tensor(3),
        "mask": torch.tensor([True, False]),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "epoch_3.pth"
    whole: dict[str, Any] = {"meta": {"epoch": 3, "n": {1}}, "state_dict": weights()}
    ShardedWriter().stage({**whole, "optimizer": {"state": {0: torch.ones(3)}}}, str(path))()
    return path


def test_a_file_of_torch_holds_the_parts_and_is_named_by_its_digest(folder: Path) -> None:
    published = Path(publish_model(str(folder)))
    digest = hashlib.sha256(published.read_bytes()).hexdigest()
    assert published == folder.parent / f"epoch_3-{digest[:8]}.pth"
    found = read_file(published)
    assert list(found) == ["meta", "state_dict"]
    assert all(torch.equal(found["state_dict"][key], each) for key, each in weights().items())


def test_a_file_of_safetensors_is_one_to_the_package_and_to_us(folder: Path) -> None:
    package = pytest.importorskip("safetensors.torch")
    published = Path(publish_model(str(folder), file_format="safetensors"))
    digest = hashlib.sha256(published.read_bytes()).hexdigest()
    assert published.name == f"epoch_3-{digest[:8]}.safetensors"
    for found in (package.load_file(published), read_safetensors(published)["state_dict"]):
        assert found.keys() == weights().keys()
        assert all(torch.equal(found[key], each) for key, each in weights().items())
    assert read_safetensors(published)["meta"] == {"epoch": 3}
    data = published.read_bytes()
    published.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(CheckpointError, match="SHA-256"):
        read_safetensors(published)


@pytest.mark.parametrize("kind", ["pth", "safetensors"])
def test_a_name_that_is_given_is_used(folder: Path, kind: str) -> None:
    target = folder.parent / "new" / f"model.{kind}"
    assert publish_model(str(folder), file_format=kind, target=str(target)) == str(target)
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_one_command_makes_a_file_of_the_kind_that_its_name_says(folder: Path) -> None:
    target = folder.parent / "model.safetensors"
    done = CliRunner().invoke(publish, [str(folder), str(target)])
    assert (done.exit_code, done.output.strip()) == (0, str(target))
    assert read_safetensors(target)["state_dict"].keys() == weights().keys()
    done = CliRunner().invoke(publish, [str(folder), "--keep", "optimizer"])
    assert list(read_file(done.output.strip())) == ["optimizer"]


def test_parts_that_are_not_there_are_refused_with_those_that_are(folder: Path) -> None:
    with pytest.raises(CheckpointError, match=r"has none of \['ema'\]; it has \['meta', 'opt"):
        publish_model(str(folder), ["ema"])
    with pytest.raises(CheckpointError, match="are weights by name"):
        publish_model(str(folder), ["optimizer"], file_format="safetensors")
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("kind", ["pth", "safetensors"])
def test_a_damaged_checkpoint_is_not_published(folder: Path, kind: str) -> None:
    file = folder / "__0_0.distcp"
    data = file.read_bytes()
    file.write_bytes(data.replace(weights()["w"].numpy().tobytes(), bytes(60)))
    with pytest.raises(CheckpointError, match="__0_0"):
        publish_model(str(folder), file_format=kind)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
