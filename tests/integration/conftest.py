"""Small trainings for the tests of this folder, and a clean slate between them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

LIBRARY = Path(__file__).parent / "library"
sys.path.insert(0, str(LIBRARY))


@pytest.fixture
def library() -> Path:
    """The folder of the modules and configs that these tests train with."""
    return LIBRARY


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What a process of these tests needs to be started with."""
    paths = [str(LIBRARY), os.environ.get("PYTHONPATH", "")]
    found = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    found.pop("ENGINE_PROGRESS", None)
    return {**found, "OMP_NUM_THREADS": "1"}


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Makes runners of ``tiny_config.py``, with changes, that work in ``tmp_path``."""
    from engine_config import Config
    from engine_runner import Runner

    made: list[Any] = []

    def make(
        changes: dict[str, Any] | None = None, *, config: Path | None = None, **more: Any
    ) -> Any:
        cfg = Config.fromfile(config or LIBRARY / "tiny_config.py")
        cfg.work_dir = str(tmp_path / "work")
        cfg.merge_from_dict({**(changes or {}), **more})
        made.append(Runner.from_cfg(cfg))
        return made[-1]

    yield make
    for runner in made:
        for handler in list(runner.logger.handlers):
            handler.close()
            runner.logger.removeHandler(handler)
        runner.visualizer.close()
