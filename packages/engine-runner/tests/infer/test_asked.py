"""Which model is meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine_config import Config, ConfigNotFoundError
from engine_runner.infer.asked import config_in, config_of, named_model


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
