"""Small trainings for the tests of this folder, and a clean slate between them."""

from __future__ import annotations

import os
import runpy
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

LIBRARY = Path(__file__).parent / "library"
sys.path.insert(0, str(LIBRARY))
import pages  # noqa: E402 - stands in that folder


@pytest.fixture
def library() -> Path:
    """The folder of the modules and configs that these tests train with."""
    return LIBRARY


@pytest.fixture(scope="session")
def torchvision_imports() -> Iterator[None]:
    """torchvision, which timm imports too, imports on machines without a GPU."""
    operators: dict[str, Any] = {}  # they are there as long as this holds them
    if "torchvision" not in sys.modules:
        names = Path(__file__).parents[1] / "examples" / "cpu_torchvision" / "sitecustomize.py"
        operators = runpy.run_path(str(names))
    yield
    operators.clear()


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


@contextmanager
def only_packages_names() -> Iterator[None]:
    """Have the registries know what the packages register, and nothing else; put it back."""
    from engine_logging import HistoryBuffer
    from engine_registry.root import ROOT_REGISTRIES

    statistics = HistoryBuffer._statistics_methods
    registered = {**statistics}
    for name, method in registered.items():
        if not (method.__module__ or "").startswith("engine_"):  # a page's functions have none
            del statistics[name]
    known = {}
    for registry in ROOT_REGISTRIES.values():
        registry.get("no such name")  # plug-ins are loaded for it
        names, table = registry._entries.names(), registry._entries.table
        known[registry] = {*names}, table.copy()
        for name, value in known[registry][1].items():
            if not getattr(value, "__module__", "").startswith(("engine_", "torch")):
                del table[name]
    try:
        yield
    finally:
        statistics.clear()
        statistics.update(registered)
        for registry, (all_names, before) in known.items():
            for name in registry._entries.table.keys() - all_names:
                del registry._entries.table[name]
            for name, value in before.items():
                registry._entries.table[name] = value


def modules_below(folder: Path) -> list[str]:
    """The names of the imported modules that lie in a folder."""
    files = {name: getattr(module, "__file__", None) for name, module in [*sys.modules.items()]}
    return [name for name, file in files.items() if file and folder in Path(file).parents]


@pytest.fixture
def run_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Runs the snippets of a page of docs/, in turn, and returns the names they made.

    They work in ``tmp_path``, know no name that another test has registered, and nothing that they
    register stays.
    """
    from engine_logging import MMLogger, undo_setup
    from engine_registry import DefaultScope
    from engine_visual import Visualizer

    def run(name: str) -> dict[str, Any]:
        blocks = pages.blocks_of(name)
        assert blocks
        names: dict[str, Any] = {"__name__": f"docs_{name}"}
        for block in blocks:
            pages.run_block(block, name, names)
        return names

    DefaultScope._instance_dict.clear()  # what another test's runner has left
    others = {name: sys.modules.pop(name) for name in modules_below(Path(pages.__file__).parent)}
    threads, modules = torch.get_num_threads(), set(sys.modules)
    torch.set_num_threads(1)  # threads that wait for one another take longer than these models
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with only_packages_names():
        yield run
    undo_setup()
    torch.set_num_threads(threads)
    for module in {*modules_below(tmp_path)} - modules:  # the reader's, which other pages may have
        del sys.modules[module]
    sys.modules.update(others)
    for instance in [*MMLogger._instance_dict.values(), *Visualizer._instance_dict.values()]:
        instance.close()
