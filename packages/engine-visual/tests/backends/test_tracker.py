from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest

import engine_visual.backends as backends
from engine_visual.backends import MissingTrackerError, TrackerVisBackend

EXTRAS = {
    "AimVisBackend": "aim",
    "ClearMLVisBackend": "clearml",
    "DVCLiveVisBackend": "dvclive",
    "MLflowVisBackend": "mlflow",
    "NeptuneVisBackend": "neptune",
    "SwanLabVisBackend": "swanlab",
    "TensorboardVisBackend": "tensorboard",
    "TrackioVisBackend": "trackio",
    "WandbVisBackend": "wandb",
}


class Ours(TrackerVisBackend):
    """A platform of the standard library: a list."""

    package = "json"
    extra = "json"

    def begin(self) -> list[Any]:
        return []

    def write_scalars(self, numbers: Mapping[str, float | int], step: int) -> None:
        self.run.append((dict(numbers), step))

    def write_image(self, name: str, image: np.ndarray, step: int) -> None:
        self.run.append((name, image.shape, step))

    def write_config(self, values: dict[str, Any]) -> None:
        self.run.append(values)

    def finish(self) -> None:
        self.run.append("finished")


@pytest.mark.parametrize("name", EXTRAS)
def test_a_missing_package_gives_the_one_command(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, EXTRAS[name], None)
    command = rf"pip install 'engine-visual\[{EXTRAS[name]}\]'"
    with pytest.raises(MissingTrackerError, match=command):
        getattr(backends, name)("runs")


def test_what_is_no_number_is_left_out_with_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    backend = Ours(strict=True)
    with caplog.at_level(logging.WARNING):
        backend.add_scalars({"loss": 0.5, "note": "text"}, step=1)
        backend.add_scalars({"note": "text"}, step=2)
    assert backend.experiment == [({"loss": 0.5}, 1)]
    assert [r.getMessage() for r in caplog.records] == [
        "Ours leaves out 'note': 'text' is no number"
    ]


@pytest.mark.parametrize("value", ["text", [1.0], None, np.array([1.0, 2.0])])
def test_a_scalar_that_is_no_number_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError, match="scalar 'loss' must be one number"):
        Ours(strict=True).add_scalar("loss", value)


def test_a_config_reaches_the_platform_in_built_in_containers() -> None:
    backend = Ours(strict=True)
    backend.add_config({"sizes": (1, 2), "model": {"type": dict, "path": Path("a")}, 3: True})
    assert backend.experiment == [
        {
            "sizes": [1, 2],
            "model": {"type": "builtins.dict", "path": repr(Path("a"))},
            "3": True,
        }
    ]


def test_after_a_close_there_is_another_run() -> None:
    backend = Ours(strict=True)
    backend.add_scalar("loss", 1)
    first = backend.experiment
    backend.close()
    backend.add_scalar("loss", 2)
    assert first == [({"loss": 1}, 0), "finished"]
    assert backend.experiment == [({"loss": 2}, 0)]


STAND_INS = {
    "WandbVisBackend": ("wandb", ["_wandb"]),
    "MLflowVisBackend": ("mlflow", ["_mlflow"]),
    "ClearMLVisBackend": ("clearml", ["_clearml", "_task", "_logger"]),
    "NeptuneVisBackend": ("neptune", ["_neptune"]),
    "DVCLiveVisBackend": ("dvclive", ["_dvclive"]),
    "AimVisBackend": ("aim", ["_aim", "_aim_run"]),
}


@pytest.mark.parametrize("kind", STAND_INS)
def test_a_stand_in_for_a_package_is_used_and_reached_under_mmengines_names(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package, names = STAND_INS[kind]
    monkeypatch.setitem(sys.modules, package, MagicMock())
    backend = getattr(backends, kind)(str(tmp_path))
    backend.add_scalar("loss", 1.0)
    assert all(isinstance(getattr(backend, name), MagicMock) for name in names)
    with pytest.raises(AttributeError, match="_nothing"):
        backend._nothing  # noqa: B018


def test_the_writer_of_tensorboard_has_mmengines_name(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    backend = backends.TensorboardVisBackend(str(tmp_path))
    assert backend._tensorboard is backend.experiment
