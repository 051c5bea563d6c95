"""What is public has a page of the reference, and says on it what it is and what it takes."""

from __future__ import annotations

import enum
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs" / "_hooks"))
import public_names  # noqa: E402 - stands in that folder

LONGEST_SUMMARY = 120
# More parameters than this are documented one by one.
FEW_PARAMETERS = 3
MODULES = public_names.modules()


def called(module: Any) -> Iterator[tuple[str, Any]]:
    """Yield the full name and the value of every public class and function that it defines."""
    found = importlib.import_module(module.name)
    for name in module.homes:
        value = getattr(found, name)
        is_ours = getattr(value, "__module__", "").startswith("engine_")
        if (inspect.isclass(value) or inspect.isroutine(value)) and is_ours:
            yield f"{module.name}.{name}", value


def members(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods that the class defines itself."""
    for name, raw in vars(kind).items():
        value = raw.__func__ if isinstance(raw, classmethod | staticmethod) else raw
        if not name.startswith("_") and inspect.isfunction(value):
            yield name, value


def test_every_public_name_has_a_page(packages: list[Any]) -> None:
    shown = {module.name: set(module.homes) for module in MODULES}
    for package in packages:
        if package.dist != "engine-compat":  # which re-exports these
            names = set(importlib.import_module(package.module).__all__) - {"__version__"}
            assert not {n for n in names if not n.startswith("_")} - shown[package.module]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_the_first_line_is_one_sentence(module: Any) -> None:
    unclear = []
    for name, value in called(module):
        first, _, rest = (inspect.getdoc(value) or "").partition("\n")
        is_alone = not rest or rest.startswith("\n")
        if not (first.endswith((".", "?", "!")) and is_alone and len(first) <= LONGEST_SUMMARY):
            unclear.append(f"{name}: {first}")
    assert not unclear


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_the_parameters_are_annotated(module: Any) -> None:
    bare = []
    for name, value in called(module):
        functions = members(value) if inspect.isclass(value) else [("", value)]
        for method, function in functions:
            try:
                parameters = list(inspect.signature(function).parameters.values())
            except (TypeError, ValueError):
                continue
            for parameter in parameters:
                is_self = parameter.name in ("self", "cls")
                if parameter.annotation is parameter.empty and not is_self:
                    bare.append(f"{name}.{method}({parameter.name})")
    assert not bare


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_many_parameters_are_documented_one_by_one(module: Any) -> None:
    untold = []
    for name, value in called(module):
        text = inspect.getdoc(value) or ""
        if inspect.isclass(value) and not {"__init__", "__new__"} & set(vars(value)):
            continue  # the class that it takes them from says it
        if inspect.isclass(value) and issubclass(value, enum.Enum):
            continue
        try:
            given = [*inspect.signature(value).parameters.values()]
        except (TypeError, ValueError):
            continue
        variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        names = [p.name for p in given if p.kind not in variable and not p.name.startswith("_")]
        if len(names) > FEW_PARAMETERS:
            missing = [each for each in names if not re.search(rf"\b{each}\b", text)]
            if missing:
                untold.append(f"{name}: {', '.join(missing)}")
    assert not untold
