"""What `engine migrate` says of a name is what engine-compat gives by it."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

import mmengine
from engine_runner.cli.migrate.names import AREAS, KEPT, MODULES, ROOT_AREAS, native_home
from engine_runner.cli.migrate.uses import resolve
from mmengine.naming import show_native_names

SOURCE = Path(mmengine.__file__).parent
OWN = {
    "aliasing",
    "conflict",
    "paths",
    "naming",
    "reexported",
    "registered",
    "version",
    "__about__",
    "__init__",
}


@pytest.fixture(autouse=True)
def _native_names() -> Iterator[None]:
    yield
    show_native_names()


def served() -> list[tuple[str, str]]:
    """(module, name) of everything in engine-compat."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if parts[0] in OWN:
            continue
        module = ".".join(["mmengine", *(part for part in parts if part != "__init__")])
        names = importlib.import_module(module)
        found += [(module, name) for name in getattr(names, "__all__", ())]
        found += [(module, name) for name in getattr(names, "ON_DEMAND", ())]
    return found


def test_every_name_of_engine_compat_is_known() -> None:
    unknown = []
    for module, name in served():
        found = resolve([*module.split(".")[1:], name], 1)
        if found is None or not found[0].is_served:
            unknown.append(f"{module}.{name}")
    assert not unknown


def test_a_native_home_has_the_same_object() -> None:
    checked = 0
    for module, name in served():
        home = native_home(module.split(".")[1], name)
        if home is None:
            assert name in KEPT
            continue
        native = getattr(importlib.import_module(home[0]), home[1])
        assert getattr(importlib.import_module(module), name) is native, (module, name)
        checked += 1
    assert checked > 600


def test_names_of_mmengine_itself_are_those_of_its_parts() -> None:
    for name in mmengine.__all__:
        assert native_home("", name) is not None or name in KEPT, name
    assert set(ROOT_AREAS) <= AREAS


def test_the_modules_are_known() -> None:
    below = [path.relative_to(SOURCE).with_suffix("").parts[1:] for path in SOURCE.rglob("*.py")]
    names = {part for parts in below for part in parts} - {"__init__"}
    assert names <= MODULES


def test_every_import_of_the_libraries_has_an_answer(root: Path) -> None:
    lines = (root / "tests/reference/downstream_imports.tsv").read_text().splitlines()[1:]
    for line in lines:
        module, name = line.split("\t")[0].split(":")
        found = resolve([*module.split(".")[1:], name], 1)
        assert found is None or found[0].is_served, line


def test_what_is_rewritten_still_imports() -> None:
    from engine_runner.cli.migrate.rewrite import examine

    source = "\n".join(f"from {module} import {name}" for module, name in served()) + "\n"
    tree = ast.parse(examine(source.encode()).text)
    checked = 0
    for node in tree.body:
        assert isinstance(node, ast.ImportFrom)
        module: Any = importlib.import_module(node.module or "")
        for alias in node.names:
            assert reduce(getattr, alias.name.split("."), module) is not None
            checked += 1
    assert checked > 600
