"""What a release is made of."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version


def test_what_is_deprecated_goes_in_time(root: Path, package: Any) -> None:
    releases = _script(root)
    version = releases.packages()[package.dist].version
    for file in sorted(package.folder.glob("src/**/*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "deprecated":
                continue
            removed_in = next(each.value for each in node.keywords if each.arg == "removed_in")
            assert isinstance(removed_in, ast.Constant)
            where = f"{file.relative_to(root)}:{node.lineno}"
            assert version < Version(str(removed_in.value)), f"{where} was to be removed"


def test_pages_tell_the_torch_that_is_declared(root: Path) -> None:
    declared = re.compile(r'"torch>=([\d.]+)"')
    files = root.glob("packages/*/pyproject.toml")
    lowest = {each for file in files for each in declared.findall(file.read_text("utf-8"))}
    told = re.compile(r"torch (?:>= (\d[.\d]*\d)|(\d[.\d]*\d) (?:or later|及以上))")
    pages = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("packages/*/README.md")]
    found = {page: told.findall(page.read_text("utf-8")) for page in pages}
    assert sum(map(len, found.values())) >= 4
    for page, versions in found.items():
        for version in versions:
            assert max(version) == max(lowest, key=Version), page


def test_no_environment_asks_for_two_versions_of_a_package(root: Path) -> None:
    environments = tomllib.loads((root / "hatch.toml").read_text("utf-8"))["envs"]
    for name, own in environments.items():
        both = environments.get(own.get("template"), {}) | own
        always = [*both.get("dependencies", ()), *both.get("extra-dependencies", ())]
        matrix = own.get("overrides", {}).get("matrix", {})
        given = [each for entry in matrix.values() for each in entry.get("extra-dependencies", ())]
        for case in {only for each in given for only in each["if"]} or {""}:
            wanted = [*always, *(each["value"] for each in given if case in each["if"])]
            pinned = [each.partition("==")[0] for each in wanted if "==" in each]
            assert len(pinned) == len(set(pinned)), f"{name} {case}: {sorted(pinned)}"


def test_a_tag_names_a_package_of_its_version(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    releases = _script(root)
    version = releases.packages()["engine-config"].version
    assert releases.main([f"engine-config-v{version}"]) == 0
    assert capsys.readouterr().out == "package=engine-config\n"
    assert "has version" in releases.main(["engine-config-v999"])
    assert "no package 'engine-confg'" in releases.main(["engine-confg-v0.1.0"])


def test_it_tells_what_changed_since_a_tag_and_which_ranges_are_too_narrow(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    def package(name: str, version: str, *requires: str) -> None:
        folder = tmp_path / "packages" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "about.py").write_text(f'__version__ = "{version}"\n')
        (folder / "pyproject.toml").write_text(
            f'[project]\nname = "{name}"\ndependencies = {list(requires)}\n'
            '[tool.hatch.version]\npath = "about.py"\n'
        )

    git("init")
    package("engine-low", "0.1.0")
    package("engine-high", "0.1.0", "engine-low>=0.1,<0.2", "numpy>=1.26")
    git("add", ".")
    git("commit", "-m", "first")
    git("tag", "engine-low-v0.1.0")
    git("tag", "engine-high-v0.1.0")
    package("engine-low", "0.2.0")
    (tmp_path / "packages/engine-high/CHANGELOG.md").write_text("not installed")
    git("add", ".")
    git("commit", "-m", "second")
    releases = _script(root)
    monkeypatch.setattr(releases, "ROOT", tmp_path)
    assert releases.main([]) == 1
    _, high, low, narrow = capsys.readouterr().out.splitlines()
    assert high.split() == ["engine-high", "0.1.0", "engine-high-v0.1.0", "0"]
    assert low.split() == ["engine-low", "0.2.0", "engine-low-v0.1.0", "1"]
    assert narrow == "engine-high asks for engine-low<0.2,>=0.1, and engine-low is 0.2.0"


def _script(root: Path) -> Any:
    spec = importlib.util.spec_from_file_location("releases", root / ".ci/releases.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
