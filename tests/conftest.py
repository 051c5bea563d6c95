"""What several tests of the whole repository need: where the packages are."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Package:
    """One distribution of the monorepo."""

    folder: Path

    @property
    def dist(self) -> str:
        return self.folder.name

    @property
    def module(self) -> str:
        return "mmengine" if self.dist == "engine-compat" else self.dist.replace("-", "_")

    @property
    def source(self) -> Path:
        return self.folder / "src" / self.module

    @property
    def files(self) -> list[Path]:
        return sorted(self.source.rglob("*.py"))

    @cached_property
    def project(self) -> dict[str, Any]:
        with (self.folder / "pyproject.toml").open("rb") as file:
            table: dict[str, Any] = tomllib.load(file)["project"]
        return table

    def __str__(self) -> str:
        return self.dist


@dataclass(frozen=True)
class Listed:
    """One public name of MMEngine 0.10.7: a line of reference/mmengine_public_api.tsv."""

    module: str
    name: str
    kind: str
    signature: str

    @cached_property
    def parameters(self) -> list[tuple[str, str | None]]:
        """(name with its stars, default as text or None) of each, without self and cls."""
        found = []
        inside = in_brackets(self.signature) if self.signature.startswith("(") else ""
        for text in split_outside_brackets(inside):
            declared, equals, default = text.partition("=")
            name = declared.split(":")[0].strip()
            if name not in ("self", "cls", "/"):
                found.append((name, default.strip() if equals else None))
        return found


def in_brackets(text: str) -> str:
    """What stands between the bracket that ``text`` begins with and the one that closes it."""
    level = 0
    for i, char in enumerate(text):
        level += (char in "([{") - (char in ")]}")
        if level == 0:
            return text[1:i]
    raise ValueError(text)


def split_outside_brackets(text: str) -> list[str]:
    """``text`` cut at the commas that stand in no bracket, quote or <repr>."""
    parts, level, start, quote = [], 0, 0, ""
    for i, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([{<":
            level += 1
        elif char in ")]}" or (char == ">" and text[i - 1] != "-"):
            level -= 1
        elif char == "," and level == 0:
            parts.append(text[start:i])
            start = i + 1
    return [part for part in [*parts, text[start:]] if part.strip()]


PACKAGES = [Package(path.parent) for path in sorted(ROOT.glob("packages/*/pyproject.toml"))]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes ``package`` runs once for each of them."""
    if "package" in metafunc.fixturenames:
        metafunc.parametrize("package", PACKAGES, ids=str)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def packages() -> list[Package]:
    return PACKAGES


@pytest.fixture(scope="session")
def mmengine_api() -> list[Listed]:
    """Everything public of MMEngine 0.10.7."""
    path = ROOT / "tests/reference/mmengine_public_api.tsv"
    return [Listed(*line.split("\t")) for line in path.read_text(encoding="utf-8").splitlines()]


# MMEngine 0.10.7 and what it imports, by the module's name
_ORIGINAL = {
    "addict": "addict",
    "cv2": "opencv-python-headless",
    "matplotlib": "matplotlib",
    "mmengine": "mmengine==0.10.7",
    "pkg_resources": "setuptools<81",
    "rich": "rich",
    "termcolor": "termcolor",
    "yapf": "yapf",
}


def original_mmengine() -> tuple[str, dict[str, str]]:
    """Return an interpreter that has MMEngine, and its environment variables.

    MMEngine stands in a folder of its own before our packages. ``ENGINE_PEER_PYTHON`` names an
    interpreter that has it already.
    """
    python = os.environ.get("ENGINE_PEER_PYTHON")
    if python is not None:
        return python, dict(os.environ)
    folder = Path(sys.prefix, "original")
    if not (folder / "mmengine").is_dir():
        always = ("mmengine", "pkg_resources")  # ours is a module of the same name
        wanted = [p for name, p in _ORIGINAL.items() if name in always or find_spec(name) is None]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"]
        subprocess.run([*pip, "--target", str(folder), *wanted], check=True)
    return sys.executable, {**os.environ, "PYTHONPATH": str(folder)}


@pytest.fixture(scope="session")
def original() -> tuple[str, dict[str, str]]:
    """An interpreter that has MMEngine, and its environment variables."""
    return original_mmengine()


@pytest.fixture(autouse=True)
def _no_open_logs() -> Iterator[None]:
    """Log files and back-ends of one test's runs are closed before the next."""
    yield
    for module, name in (
        ("engine_logging.logger", "MMLogger"),
        ("engine_visual.visualizer", "Visualizer"),
    ):
        if module in sys.modules:
            instances = getattr(sys.modules[module], name)._instance_dict
            for instance in instances.values():
                instance.close()
            instances.clear()
