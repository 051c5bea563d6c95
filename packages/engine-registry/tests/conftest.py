"""Fresh surroundings for a test: no default scope, and modules that vanish afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine_registry import DefaultScope, Registry

WriteModule = Callable[[str, str], None]
RunCode = Callable[..., str]


@pytest.fixture(autouse=True)
def no_default_scope() -> Iterator[None]:
    """Every test starts and leaves without a default scope, and with the native one's name."""
    DefaultScope._instance_dict.clear()
    yield
    DefaultScope._instance_dict.clear()
    if "mmengine.naming" in sys.modules:  # a plug-in, where engine-compat is installed
        sys.modules["mmengine.naming"].show_native_names()


@pytest.fixture
def write_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WriteModule]:
    """``write_module("pkg.mod", source)`` makes an importable module and its packages."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def write(name: str, source: str) -> None:
        *packages, last = name.split(".")
        folder = tmp_path
        for package in packages:
            folder = folder / package
            folder.mkdir(exist_ok=True)
            (folder / "__init__.py").touch()
        (folder / f"{last}.py").write_text(textwrap.dedent(source), encoding="utf-8")

    yield write
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def run_code(tmp_path: Path) -> RunCode:
    """``run_code(source)`` runs a fresh Python that also finds what lies in ``tmp_path``."""

    def run(source: str) -> str:
        path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
        result = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(source)],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run


@pytest.fixture
def tree() -> dict[str, Registry]:
    """A root with two children, one of which has a child; each holds a ``Thing``."""
    root = Registry("thing", scope="base")
    left = Registry("thing", parent=root, scope="left")
    right = Registry("thing", parent=root, scope="right")
    leaf = Registry("thing", parent=left, scope="leaf")
    registries = {"base": root, "left": left, "right": right, "leaf": leaf}
    for scope, registry in registries.items():
        if scope != "leaf":
            registry.register_module("Thing", module=type("Thing", (), {"of": scope}))
        registry.register_module(f"Only_{scope}", module=type(f"Only_{scope}", (), {"of": scope}))
    return registries
