"""Packages import their names on use; type checkers read them in stubs, which say the same.

`python tests/rules/test_lazy_names.py` writes the stubs anew.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAZY = sorted(
    path
    for path in ROOT.glob("packages/*/src/engine_*/**/__init__.py")
    if "__getattr__" in path.read_text(encoding="utf-8")
)
# What engine-fileio has beside its names.
SUBPACKAGES = """    if name in ("backends", "handlers"):
        return import_module(f"{__name__}.{name}")
"""
PACKAGES = sorted(path.name for path in ROOT.glob("packages/*/src/engine_*"))


def names_in(init: Path) -> dict[str, list[str]]:
    """The names of a package, by the module that has them."""
    tree = ast.parse(init.read_text(encoding="utf-8"))
    table = next(node for node in ast.walk(tree) if isinstance(node, ast.Dict))
    found: dict[str, list[str]] = ast.literal_eval(table)
    return found


def stub_of(init: Path) -> str:
    lines = [f"# Made from {init.name} by tests/rules/test_lazy_names.py."]
    for module, names in names_in(init).items():
        listed = "".join(f"    {name} as {name},\n" for name in names)
        lines.append(f"from {module} import (\n{listed})")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("init", LAZY, ids=lambda path: path.parent.name)
def test_the_stub_has_the_names(init: Path) -> None:
    assert init.with_suffix(".pyi").read_text(encoding="utf-8") == stub_of(init)


@pytest.mark.parametrize("init", LAZY, ids=lambda path: path.parent.name)
def test_no_name_is_also_a_module(init: Path) -> None:
    """Whoever imports the module would put it in the name's place."""
    modules = {path.stem for path in init.parent.iterdir()}
    assert not modules & {name for names in names_in(init).values() for name in names}


def test_packages_that_may_not_import_the_registry_say_it_in_the_same_words() -> None:
    texts = {
        path: text.partition("__all__ = sorted")[2].replace(SUBPACKAGES, "")
        for path in LAZY
        if "lazy_names" not in (text := path.read_text(encoding="utf-8"))
    }
    assert len(texts) > 5 and len(set(texts.values())) == 1, texts


@pytest.mark.parametrize("imported", PACKAGES)
def test_a_package_brings_nothing_with_it(imported: str) -> None:
    code = (
        f"import sys; before = set(sys.modules); import {imported}\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    foreign = [name for name in done.stdout.split() if not name.startswith("engine_")]
    assert not {name.partition(".")[0] for name in foreign} - sys.stdlib_module_names


def test_everything_that_is_listed_is_there() -> None:
    packages = [".".join(init.parent.parts[init.parts.index("src") + 1 :]) for init in LAZY]
    code = "\n".join(f"from {package} import *" for package in packages)
    subprocess.run([sys.executable, "-c", code], check=True)


if __name__ == "__main__":
    for each in LAZY:
        each.with_suffix(".pyi").write_text(stub_of(each), encoding="utf-8")
