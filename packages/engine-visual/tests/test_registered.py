from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from engine_registry import VISBACKENDS, VISUALIZERS
from engine_visual import Visualizer, backends, registered


@pytest.fixture(autouse=True)
def filled() -> None:
    registered.register()


def test_every_back_end_is_found_by_its_name() -> None:
    bases = {"BaseVisBackend", "TrackerVisBackend"}
    names = {name for name in backends.__all__ if name.endswith("VisBackend")} - bases
    assert {name: VISBACKENDS.get(name) for name in names} == {
        name: getattr(backends, name) for name in names
    }
    assert VISUALIZERS.get("Visualizer") is Visualizer


def test_a_back_end_is_built_from_a_config(tmp_path: Path) -> None:
    backend = VISBACKENDS.build({"type": "LocalVisBackend", "save_dir": str(tmp_path)})
    backend.add_scalar("loss", 0.5, step=1)
    backend.close()
    assert (tmp_path / "scalars.json").exists()


def test_registering_again_changes_nothing() -> None:
    registered.register()
    assert VISBACKENDS.get("LocalVisBackend") is backends.LocalVisBackend


def test_the_distribution_declares_it() -> None:
    (entry,) = entry_points(group="engine.registry", name="engine-visual")
    assert entry.load() is registered.register
