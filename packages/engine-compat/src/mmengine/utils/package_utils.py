"""Installed packages."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

__all__ = [
    "call_command",
    "get_installed_path",
    "install_package",
    "is_installed",
    "package2module",
]


def is_installed(package: str) -> bool:
    """Whether a package can be imported by this name, or is installed by it."""
    try:
        if find_spec(package) is not None:
            return True
    except (ImportError, ValueError):
        pass
    return _distribution(package) is not None


def get_installed_path(package: str) -> str:
    """Return the folder of an installed package, by the name it is installed or imported by.

    Raises:
        ModuleNotFoundError: it isn't installed.
    """
    for name in (package, *_modules(package)):
        try:
            spec = find_spec(name)
        except (ImportError, ValueError):
            continue
        if spec is not None and spec.submodule_search_locations:
            return str(Path(next(iter(spec.submodule_search_locations))))
    raise ModuleNotFoundError(f"the package {package!r} isn't installed: pip install {package}")


def package2module(package: str) -> str:
    """Return the name by which a distribution is imported.

    Raises:
        ValueError: it can't be found out.
    """
    modules = _modules(package)
    if not modules:
        raise ValueError(f"can't tell how {package!r} is imported: is it installed?")
    return modules[0]


def _distribution(package: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(package)
    except (metadata.PackageNotFoundError, ValueError):
        return None


def _modules(package: str) -> list[str]:
    """The top-level modules of a distribution, by its own list; that of its own name first."""
    found = _distribution(package)
    if found is None:
        return []
    listed = (found.read_text("top_level.txt") or "").split()
    if not listed:
        files = [file for file in found.files or [] if file.name == "__init__.py"]
        listed = sorted({file.parts[0] for file in files if len(file.parts) == 2})
    own = re.sub(r"[-.]", "_", package).lower()
    return sorted(listed, key=lambda name: (name.lower() != own, name.startswith("_"), name))


def call_command(cmd: list[str]) -> None:
    """Run a command.

    Raises:
        subprocess.CalledProcessError: it failed.
        FileNotFoundError: there is none of that name.
    """
    subprocess.run(cmd, check=True)


def install_package(package: str) -> None:
    """Install a package with pip unless it is there."""
    if not is_installed(package):
        call_command([sys.executable, "-m", "pip", "install", package])
