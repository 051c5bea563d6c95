"""Who may depend on whom, and that nothing imports past what it declares."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine_runner.__about__ import PACKAGES

RUNTIME = {
    "engine-config": {"pyyaml"},
    "engine-registry": set(),
    "engine-fileio": {"pyyaml", "urllib3"},
    "engine-dist": {"torch", "numpy"},
    "engine-structures": {"torch", "numpy"},
    "engine-logging": {"engine-registry", "numpy"},
    "engine-visual": {
        "engine-registry",
        "engine-logging",
        "engine-fileio",
        "engine-structures",
        "numpy",
        "pillow",
        "matplotlib",
    },
    "engine-model": {"engine-registry", "engine-dist", "engine-structures", "torch", "numpy"},
    "engine-optim": {"engine-registry", "engine-dist", "engine-logging", "torch"},
    "engine-dataset": {
        "engine-registry",
        "engine-fileio",
        "engine-dist",
        "engine-structures",
        "torch",
        "numpy",
    },
    "engine-evaluator": {
        "engine-registry",
        "engine-fileio",
        "engine-dist",
        "engine-structures",
        "torch",
        "numpy",
    },
    "engine-checkpoint": {
        "engine-config",
        "engine-fileio",
        "engine-dist",
        "engine-logging",
        "engine-structures",
        "torch",
        "numpy",
        "xxhash",
    },
    "engine-runner": {
        "engine-config",
        "engine-registry",
        "engine-fileio",
        "engine-dist",
        "engine-structures",
        "engine-logging",
        "engine-visual",
        "engine-model",
        "engine-optim",
        "engine-dataset",
        "engine-evaluator",
        "engine-checkpoint",
        "torch",
        "numpy",
        "rich",
        "click",
    },
    "engine-sweep": {"engine-runner", "optuna"},
    "engine-compat": {"engine-runner"},
}
# What a package re-exports, it imports from where it is made: whatever the dependency brings.
RE_EXPORTS = {"engine-compat": "engine-runner"}
# What is a part of a package, installed by itself, imports whatever that brings.
EXTENDS = {"engine-sweep": "engine-runner"}
# What a distribution is imported as, where the name differs or there are several.
IMPORTED_AS = {
    "pyyaml": {"yaml"},
    "pillow": {"PIL"},
    "boto3": {"boto3", "botocore", "s3transfer"},
    "tensorboard": {"tensorboard", "torch"},
}
RUNNER_FLOORS = [
    {"errors", "randomness", "state", "trust_scope"},
    {"protocols", "amp", "loaders"},
    {"logs", "stage_calls"},
    {"strategy"},
    {"loops", "hooks"},
    {"runner"},
    {"infer"},
    {"compare", "export"},
    {"tuning"},
    {"cli"},
]


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert found, requirement
    return found[0].lower()


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full module name of every import in ``path``, at any depth."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            yield node.lineno, node.module or ""


def test_every_package_declares_what_the_architecture_allows(package: Any) -> None:
    declared = {name_of(requirement) for requirement in package.project["dependencies"]}
    assert declared == RUNTIME[package.dist]


def test_a_package_imports_only_what_it_declares(package: Any) -> None:
    extras = package.project.get("optional-dependencies", {})
    declared = RUNTIME[package.dist] | {name_of(r) for group in extras.values() for r in group}
    for brings in (RE_EXPORTS.get(package.dist, ""), EXTENDS.get(package.dist, "")):
        declared |= RUNTIME.get(brings, set())
    allowed = {package.module, *sys.stdlib_module_names}
    for dist in declared:
        allowed |= IMPORTED_AS.get(dist, {dist.replace("-", "_")})
    found = [
        f"{path.relative_to(package.folder)}:{line} imports {name}"
        for path in (*package.files, *package.source.rglob("*.pyi"))
        for line, name in imports_of(path)
        if name.split(".")[0] not in allowed
    ]
    assert not found


def test_a_training_knows_what_it_is_made_of() -> None:
    assert set(PACKAGES) == set(RUNTIME) - {"engine-compat", "engine-sweep"}


def test_the_floors_of_the_runner_import_downwards(packages: list[Any]) -> None:
    (runner,) = (package for package in packages if package.dist == "engine-runner")
    floor = {part: i for i, parts in enumerate(RUNNER_FLOORS) for part in parts}
    found = []
    for path in (*runner.files, *runner.source.rglob("*.pyi")):
        part = path.relative_to(runner.source).parts[0].removesuffix(".py")
        for line, name in imports_of(path):
            head, _, rest = name.partition(".")
            target = rest.split(".")[0]
            if head != "engine_runner" or part not in floor or target in ("", part, "__about__"):
                continue
            if floor.get(target, len(RUNNER_FLOORS)) >= floor[part]:
                found.append(f"{path.relative_to(runner.folder)}:{line} imports {name}")
    assert not found


def test_every_module_can_be_imported(packages: list[Any]) -> None:
    """Also those that only type checkers read: a test, a page or a debugger may import them."""
    code = """
import importlib, pkgutil, sys
for package in sys.argv[1:]:
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
"""
    command = [sys.executable, "-W", "ignore", "-c", code, *(each.module for each in packages)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert not done.returncode, done.stderr


def test_no_files_import_each_other_in_a_circle(packages: list[Any]) -> None:
    files = {
        ".".join([package.module, *path.relative_to(package.source).with_suffix("").parts]): path
        for package in packages
        for path in package.files
        if path.name != "__init__.py"  # these import on use alone
    }
    graph = {  # imports for type checkers alone are imports, too
        name: {
            target
            for node in ast.walk(
                ast.parse(path.read_text(encoding="utf-8"))
            )  # for type checkers, too
            if isinstance(node, ast.ImportFrom)
            for target in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
            if target in files
        }
        for name, path in files.items()
    }
    while graph:  # take away what nobody is left to import, until nothing changes
        ends = {name for name, targets in graph.items() if not targets & set(graph)}
        if not ends:
            break
        graph = {name: targets for name, targets in graph.items() if name not in ends}
    assert not graph


def exported(path: Path) -> set[str] | None:
    """What a module says it is for others; None if it says nothing."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    return None


def test_a_package_uses_what_another_exports(packages: list[Any]) -> None:
    folders = {package.module: package.source.parent for package in packages}
    found = []
    for package in packages:
        if package.dist in RE_EXPORTS:
            continue
        for path in package.files:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.ImportFrom) or node.module is None:
                    continue
                head = node.module.split(".")[0]
                if head == package.module or head not in folders:
                    continue
                target = folders[head].joinpath(*node.module.split(".")).with_suffix(".py")
                allowed = exported(target) if target.is_file() else None
                found += [
                    f"{path.relative_to(package.folder)}:{node.lineno}: {node.module}.{alias.name}"
                    for alias in node.names
                    if alias.name.startswith("_") or (allowed and alias.name not in allowed)
                ]
    assert not found
