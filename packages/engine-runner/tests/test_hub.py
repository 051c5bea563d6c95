"""Configs and models of installed libraries."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from engine_checkpoint import save_checkpoint
from engine_config import ConfigNotFoundError
from engine_registry import MODELS
from engine_runner import hub

MODULE = """
from torch import nn
from engine_registry import MODELS, Registry

MODELS = Registry("model", parent=MODELS, scope="{name}", locations=["{name}.models"])
"""
MODELS_MODULE = """
from torch import nn
from {name} import MODELS

@MODELS.register_module()
class Tiny(nn.Module):
    def __init__(self, width, bias=True):
        super().__init__()
        self.layer = nn.Linear(2, width, bias=bias)
"""
INDEX = "Import:\n  - configs/tiny/metafile.yml\n  - configs/gone/metafile.yml\n"
METAFILE = """
Collections:
  - Name: Tiny
Models:
  - Name: tiny_untrained
    In Collection: Tiny
    Config: configs/tiny/tiny_untrained.py
  - Name: tiny_w3
    In Collection: Tiny
    Config: configs/tiny/tiny_w3.py
    Weights: {weights}
"""


def installed(folder: Path, name: str, dist: str) -> Path:
    """A library as pip leaves it: package, configs and index in ``.mim``, and its metadata."""
    files = {
        f"{name}/__init__.py": MODULE.format(name=name),
        f"{name}/models.py": MODELS_MODULE.format(name=name),
        f"{name}/.mim/configs/_base_/base.py": "model = dict(type='Tiny', width=1)\nlr = 0.1\n",
        f"{name}/.mim/configs/tiny/tiny_w3.py": (
            "_base_ = '../_base_/base.py'\nmodel = dict(width=3)\ndefault_scope = '" + name + "'\n"
        ),
        f"{name}/.mim/configs/tiny/tiny_untrained.py": "_base_ = '../_base_/base.py'\n",
        f"{name}/.mim/configs/tiny/metafile.yml": METAFILE.format(
            weights=(folder / "w3.pth").as_posix()
        ),
        f"{name}/.mim/configs/empty.py": "lr = 0.1\n",
        f"{name}/.mim/model-index.yml": INDEX,
    }
    record = [*files, f"{dist.replace('-', '_')}-1.0.dist-info/METADATA"]
    files[record[-1]] = f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.0\n"
    files[record[-1].replace("METADATA", "RECORD")] = "".join(f"{each},,\n" for each in record)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Installs the library ``mmtiny``, of the distribution mm-tiny, for a test."""
    monkeypatch.syspath_prepend(str(installed(tmp_path, "mmtiny", "mm-tiny")))
    yield tmp_path
    for name in [each for each in sys.modules if each.split(".")[0] == "mmtiny"]:
        del sys.modules[name]
    MODELS.children.pop("mmtiny", None)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    "name", ["mmtiny::tiny/tiny_w3.py", "mmtiny::tiny/tiny_w3", "mm-tiny::tiny/tiny_w3"]
)
def test_a_config_is_found_without_importing_the_library(name: str) -> None:
    config = hub.get_config(name)
    assert config.model == {"type": "Tiny", "width": 3}
    assert config.lr == 0.1
    assert "model_path" not in config
    assert "mmtiny" not in sys.modules


def test_its_weights_are_found_in_the_model_index(library: Path) -> None:
    config = hub.get_config("mmtiny::tiny/tiny_w3.py", pretrained=True)
    assert config.model_path == (library / "w3.pth").as_posix()


def test_a_list_will_do_as_a_metafile(library: Path) -> None:
    metafile = library / "mmtiny" / ".mim" / "configs" / "tiny" / "metafile.yml"
    metafile.write_text("- Config: configs/tiny/tiny_w3.py\n  Weights: https://a/b.pth\n")
    assert hub.get_config("mmtiny::tiny/tiny_w3", pretrained=True).model_path == "https://a/b.pth"


@pytest.mark.usefixtures("library")
def test_a_model_is_built_in_its_librarys_scope() -> None:
    model = hub.get_model("mmtiny::tiny/tiny_w3.py", bias=False)
    assert type(model).__module__ == "mmtiny.models"
    assert model.layer.weight.shape == (3, 2)
    assert model.layer.bias is None
    assert hub.get_model("mmtiny::tiny/tiny_untrained").layer.weight.shape == (1, 2)


def test_a_trained_model_has_its_weights(library: Path) -> None:
    first = hub.get_model("mmtiny::tiny/tiny_w3.py")
    save_checkpoint({"state_dict": first.state_dict()}, str(library / "w3.pth"))
    second = hub.get_model("mmtiny::tiny/tiny_w3.py", pretrained=True)
    assert torch.equal(first.layer.weight, second.layer.weight)


@pytest.mark.usefixtures("library")
def test_what_isnt_there_is_told() -> None:
    for name in ("tiny/tiny_w3.py", "mmtiny::", "::tiny_w3.py", "mmtiny"):
        with pytest.raises(ValueError, match="names no config of a library"):
            hub.get_config(name)
    with pytest.raises(ConfigNotFoundError, match="pip install mmnowhere"):
        hub.get_config("mmnowhere::a.py")
    with pytest.raises(ConfigNotFoundError, match=r"no config 'tiny/tiny_w4\.py'"):
        hub.get_config("mmtiny::tiny/tiny_w4")
    with pytest.raises(LookupError, match="no trained weights for configs/tiny/tiny_unt"):
        hub.get_config("mmtiny::tiny/tiny_untrained", pretrained=True)
    with pytest.raises(KeyError, match="has no 'model'"):
        hub.get_model("mmtiny::empty")


def test_a_library_without_an_index_has_no_weights(library: Path) -> None:
    (library / "mmtiny" / ".mim" / "model-index.yml").unlink()
    with pytest.raises(LookupError, match=r"'mmtiny' has no model-index\.yml"):
        hub.get_config("mmtiny::tiny/tiny_w3", pretrained=True)
