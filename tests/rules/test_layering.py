"""Who may depend on whom, and that nothing imports past what it declares."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    "engine-compat": {"engine-runner"},
}
# What a package re-exports, it imports from where it is made: whatever the dependency brings.
RE_EXPORTS = {"engine-compat": "engine-runner"}
# What a distribution is imported as, where the name differs or there are several.
IMPORTED_AS = {
    "pyyaml": {"yaml"},
    "pillow": {"PIL"},
    "boto3": {"boto3", "botocore", "s3transfer"},
    "tensorboard": {"tensorboard", "torch"},
}
RUNNER_FLOORS = [
    {"randomness", "state", "trusting"},
    {"protocols", "amp", "loaders"},
    {"logs"},
    {"strategy"},
    {"loops", "hooks"},
    {"runner"},
    {"infer"},
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
    declared |= RUNTIME.get(RE_EXPORTS.get(package.dist, ""), set())
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
