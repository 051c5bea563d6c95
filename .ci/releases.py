"""What is to be released: ``hatch run release:show``.

Each package has its own version, and its own tags, such as engine-config-v0.2.0. Without arguments
this shows which packages changed since their last tag, and which siblings' ranges don't admit a
version. With a tag it checks that a package of that version is there, and prints its name.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
# Changes of these alone change nothing that is installed.
_NOT_INSTALLED = ("tests", "changes", "CHANGELOG.md")


class Package(NamedTuple):
    """A package of this repository: its name, its version, what it requires."""

    name: str
    version: Version
    requires: list[Requirement]


def packages() -> dict[str, Package]:
    """Return all packages by name."""
    found = {}
    for file in sorted(ROOT.glob("packages/*/pyproject.toml")):
        project = tomllib.loads(file.read_text("utf-8"))
        about = file.parent / project["tool"]["hatch"]["version"]["path"]
        (version,) = re.findall(r'^__version__ = "(.+)"', about.read_text("utf-8"), re.MULTILINE)
        optional = project["project"].get("optional-dependencies", {}).values()
        listed = [
            *project["project"].get("dependencies", ()),
            *(x for each in optional for x in each),
        ]
        name = project["project"]["name"]
        found[name] = Package(name, Version(version), [Requirement(each) for each in listed])
    return found


def last_tag(name: str) -> str | None:
    """Return the tag of the latest release of a package, or None."""
    tags = [tag for tag in _git("tag", "--list", f"{name}-v*", "--merged").split() if tag]
    return max(tags, key=lambda tag: Version(tag.removeprefix(f"{name}-v")), default=None)


def changes_since(name: str, tag: str | None) -> list[str]:
    """Return the first lines of commits since a tag that change what a package installs."""
    folder = f"packages/{name}"
    paths = [folder, *(f":(exclude){folder}/{each}" for each in _NOT_INSTALLED)]
    return _git("log", "--format=%s", f"{tag}..HEAD" if tag else "HEAD", "--", *paths).splitlines()


def too_narrow(found: dict[str, Package]) -> list[str]:
    """Return a sentence for each range of a sibling that doesn't admit its present version."""
    return [
        f"{package.name} asks for {wanted}, and {wanted.name} is {found[wanted.name].version}"
        for package in found.values()
        for wanted in package.requires
        if wanted.name in found and found[wanted.name].version not in wanted.specifier
    ]


def main(arguments: list[str]) -> int | str:
    """Show what is to be released, or check a tag."""
    found = packages()
    if arguments:
        name, _, version = arguments[0].rpartition("-v")
        if name not in found:
            return f"{arguments[0]}: there is no package {name!r}, only {', '.join(found)}"
        if str(found[name].version) != version:
            return f"{arguments[0]}: {name} has version {found[name].version}"
        print(f"package={name}")
        return 0
    print(f"{'package':<20} {'version':<10} {'last tag':<26} changes since")
    for name, package in found.items():
        tag = last_tag(name)
        print(
            f"{name:<20} {package.version!s:<10} {tag or '-':<26} {len(changes_since(name, tag))}"
        )
    narrow = too_narrow(found)
    print(*narrow or ["All ranges of siblings admit their present versions."], sep="\n")
    return 1 if narrow else 0


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
