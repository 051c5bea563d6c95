"""Install every package with the lowest versions that it declares, into the running environment."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

# Extras that bring a whole platform are tested with it, in tests/trackers and tests/scale.
_EXTRAS = {
    "engine-visual": {"tensorboard"},
    "engine-fileio": {"s3"},
    "engine-checkpoint": {"safetensors"},
}


def lowest(folders: list[Path]) -> list[str]:
    """Return ``name==version`` of each requirement that isn't a sibling; the highest of several."""
    found: dict[str, Version] = {}
    for folder in folders:
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
        extras = project.get("optional-dependencies", {})
        wanted = _EXTRAS.get(folder.name, set())
        listed = [*project.get("dependencies", ()), *(x for name in wanted for x in extras[name])]
        for requirement in map(Requirement, listed):
            bounds = [
                Version(each.version) for each in requirement.specifier if each.operator == ">="
            ]
            if not requirement.name.startswith("engine-"):
                name = requirement.name.lower()
                found[name] = max([*bounds, found.get(name, bounds[0])])
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def main() -> None:
    """Install third parties at their lowest, then the packages as they are."""
    folders = sorted(each.parent for each in Path("packages").glob("*/pyproject.toml"))
    pinned = lowest(folders)
    print("lowest versions:", *pinned, sep="\n  ")
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *pinned], check=True)
    editable = [part for folder in folders for part in ("--editable", str(folder))]
    subprocess.run([*pip, "--no-deps", *editable], check=True)


if __name__ == "__main__":
    main()
