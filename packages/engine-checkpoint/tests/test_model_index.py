"""What an installed library says of its trained models."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine_checkpoint.model_index import (
    library_folder,
    names_of,
    published_models,
    weights_of_config,
)
from engine_config import ConfigNotFoundError

INDEX = "Import:\n  - configs/a/metafile.yml\n  - configs/gone/metafile.yml\n"
METAFILE = """
Collections:
  - Name: A
Models:
  - Name: a_one
    Alias: one
    Config: configs/a/one.py
    Weights: one.pth
  - Name: a_two
    Alias: [two, zwei]
    Config: configs/a/two.py
"""


@pytest.fixture(params=["wheel", "package", "checkout"])
def library(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder of the index of an importable library, at each place where there may be one."""
    code = tmp_path / "mmindexed"
    folder = {"wheel": code / ".mim", "package": code, "checkout": tmp_path}[request.param]
    (folder / "configs" / "a").mkdir(parents=True)
    code.mkdir(exist_ok=True)
    (code / "__init__.py").touch()
    (folder / "model-index.yml").write_text(INDEX)
    (folder / "configs" / "a" / "metafile.yml").write_text(METAFILE)
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def test_the_index_is_found_without_importing_the_library(library: Path) -> None:
    assert library_folder("mmindexed") == library.resolve()


def test_models_are_told_by_all_their_names(library: Path) -> None:
    names = [names_of(model) for model in published_models(library)]
    assert names == [["a_one", "one"], ["a_two", "two", "zwei"]]


def test_a_config_has_its_weights(library: Path) -> None:
    folder = library / "configs" / "a"
    assert weights_of_config(folder / "one.py", "mmindexed") == "one.pth"
    with pytest.raises(LookupError, match=r"no trained weights for configs/a/two\.py"):
        weights_of_config(folder / "two.py", "mmindexed")


def test_what_is_missing_is_told(library: Path) -> None:
    (library / "model-index.yml").unlink()
    with pytest.raises(LookupError, match=r"'mmindexed' has no model-index\.yml"):
        library_folder("mmindexed")
    with pytest.raises(LookupError, match=r"has no model-index\.yml"):
        weights_of_config(library / "configs" / "a" / "one.py", "mmindexed")
    with pytest.raises(ConfigNotFoundError, match="pip install mmnowhere"):
        library_folder("mmnowhere")
