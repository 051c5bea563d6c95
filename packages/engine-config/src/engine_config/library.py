"""Config files of installed packages: ``lib::path/cfg.py``, found without importing the package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from engine_config.errors import ConfigNotFoundError

__all__ = ["library_file", "module_file"]

# Where a package keeps its configs: in the wheel, beside the code, or in a source checkout.
_FOLDERS = (Path(".mim", "configs"), Path("configs"), Path(), Path("..", "configs"))
_SUFFIXES = (".py", ".yaml", ".yml", ".json")


def library_file(reference: str) -> tuple[Path, str]:
    """Return the file that ``lib::path/cfg.py`` means, and ``lib``.

    Raises:
        ConfigNotFoundError: the package is not installed, or has no such file.
    """
    library, _, relative = reference.partition("::")
    root = package_root(library.strip(), reference)
    for folder in _FOLDERS:
        path = root / folder / relative.strip()
        if path.is_file():
            return path, library.strip()
    looked = ", ".join(str(root / folder) for folder in _FOLDERS)
    raise ConfigNotFoundError(f"package {library!r} has no config {relative!r}; looked in {looked}")


def package_root(name: str, reference: str) -> Path:
    """Return the folder of an installed package, given its import or distribution name.

    Raises:
        ConfigNotFoundError: there is none.
    """
    for candidate in (name, name.replace("-", "_"), *_modules_of(name)):
        spec = find_spec(candidate) if candidate.isidentifier() else None
        if spec is not None and spec.submodule_search_locations:
            return Path(next(iter(spec.submodule_search_locations)))
    raise ConfigNotFoundError(
        f"{reference!r} needs the package {name!r}, which is not installed: pip install {name}"
    )


def _modules_of(distribution: str) -> list[str]:
    """Top-level modules of a distribution, by its own list."""
    from importlib.metadata import PackageNotFoundError, files  # slow to import, seldom needed

    try:
        listed = files(distribution) or []
    except (PackageNotFoundError, ValueError):
        return []
    return list({file.parts[0] for file in listed if file.name == "__init__.py"})


def module_file(module: str, level: int, importer: Path) -> Path:
    """Return the config file that ``from ..module import x`` in the file ``importer`` means.

    Raises:
        ConfigNotFoundError: there is none.
    """
    parts = module.split(".") if module else []
    if level:
        folders = [importer.absolute().parents[level - 1]]
    else:
        root = package_root(parts[0], f"from {module} import ...")
        inner = parts[1:]
        folders = [root]
        if inner[:1] == ["configs"]:
            folders.append(root / ".mim")
        parts = inner
    looked = [folder.joinpath(*parts) for folder in folders]
    for path in looked:
        for suffix in _SUFFIXES:
            found = path.with_name(path.name + suffix)
            if found.is_file():
                return found
    shown = " or ".join(str(path.with_name(path.name + ".py")) for path in looked)
    raise ConfigNotFoundError(f"there is no {shown} to inherit from")
