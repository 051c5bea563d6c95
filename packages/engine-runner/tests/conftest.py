"""A small runner for every test that needs one, and a clean slate between tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine_logging import MessageHub, MMLogger
from engine_visual import Visualizer

sys.path.insert(0, str(Path(__file__).parent / "library"))


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Makes runners of `toy_runner` that work in ``tmp_path``; closes their log files."""
    from toy import toy_runner

    made: list[Any] = []

    def make(**options: Any) -> Any:
        made.append(toy_runner(options.pop("work_dir", tmp_path / "work"), **options))
        return made[-1]

    yield make
    for runner in made:
        for handler in list(runner.logger.handlers):
            handler.close()
            runner.logger.removeHandler(handler)
        runner.visualizer.close()


@pytest.fixture(autouse=True)
def _no_named_instances() -> Iterator[None]:
    """Named loggers, hubs and visualizers of one test are not those of the next."""
    yield
    for instance in [*MMLogger._instance_dict.values(), *Visualizer._instance_dict.values()]:
        instance.close()
    for kind in (MMLogger, MessageHub, Visualizer):
        kind._instance_dict.clear()
