"""What people install: each distribution built, opened, and installed where nothing else is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

# Torch-free packages, with everything that installing them brings.
LIGHT = {
    "engine-config": {"pyyaml"},
    "engine-registry": set(),
    "engine-fileio": {"pyyaml", "urllib3"},
    "engine-logging": {"engine-registry", "numpy"},
}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, packages: list[Any]) -> Path:
    """A folder with the wheel and the sdist of every package."""
    folder = tmp_path_factory.mktemp("built")
    for package in packages:
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
        subprocess.run([*command, str(package.folder)], check=True, capture_output=True)
    return folder


def test_a_wheel_holds_its_own_module_and_nothing_else(built: Path, package: Any) -> None:
    (wheel,) = built.glob(f"{package.dist.replace('-', '_')}-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    (info,) = tops - {package.module}
    assert info.endswith(".dist-info")
    assert f"{package.module}/py.typed" in names
    assert f"{info}/licenses/LICENSE" in names


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_says_how_large_each_wheel_is(
    built: Path, root: Path, packages: list[Any], readme: str
) -> None:
    row = re.compile(r"^\| \[(engine-\w+)\].*\| (\d+) \| [\d.]+(?: \+ torch)? \|$", re.MULTILINE)
    told = {name: int(kb) for name, kb in row.findall((root / readme).read_text("utf-8"))}
    assert set(told) == {package.dist for package in packages}
    for name, kb in told.items():
        (wheel,) = built.glob(f"{name.replace('-', '_')}-*.whl")
        assert wheel.stat().st_size / 1e3 == pytest.approx(kb, rel=0.15), name


def test_an_sdist_carries_source_and_tests(built: Path, package: Any) -> None:
    (sdist,) = built.glob(f"{package.dist.replace('-', '_')}-*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "tests/test_version.py"}
    assert wanted <= names
    assert f"src/{package.module}/py.typed" in names


def test_all_licences_are_the_same(root: Path, package: Any) -> None:
    assert (package.folder / "LICENSE").read_bytes() == (root / "LICENSE").read_bytes()


def test_the_local_versions_lie_in_all_sibling_ranges(packages: list[Any]) -> None:
    local = {}
    for package in packages:
        about: dict[str, str] = {}
        exec((package.source / "__about__.py").read_text(encoding="utf-8"), about)
        local[package.dist] = about["__version__"]
    checked = 0
    for package in packages:
        for requirement in map(Requirement, package.project["dependencies"]):
            if requirement.name in local:
                assert local[requirement.name] in requirement.specifier, (package, requirement)
                checked += 1
    assert checked


@pytest.mark.parametrize("dist", LIGHT)
def test_a_torch_free_package_brings_little_and_imports(
    built: Path, tmp_path: Path, dist: str
) -> None:
    venv.create(tmp_path, with_pip=False)
    python = tmp_path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    install = [*pip, "install", "--quiet", "--find-links", str(built), dist]
    subprocess.run(install, check=True, capture_output=True)
    listed = subprocess.run(
        [*pip, "list", "--format", "json"], check=True, capture_output=True, text=True
    )
    assert {entry["name"].lower() for entry in json.loads(listed.stdout)} == {dist, *LIGHT[dist]}
    code = f"import {dist.replace('-', '_')}, sys; assert 'torch' not in sys.modules"
    subprocess.run([str(python), "-I", "-W", "error", "-c", code], check=True)
