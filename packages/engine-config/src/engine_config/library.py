"""Config files of installed packages: ``lib::path/cfg.py``, found without importing the package."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

from engine_config.allowed_folders import AllowedFolders, is_file, resolved
from engine_config.errors import ConfigNotFoundError
from engine_config.installed import import_names, installed_root

__all__ = ["library_file", "module_file"]

# Where a package keeps its configs: in the wheel, beside the code, or in a source checkout.
_FOLDERS = (Path(".mim", "configs"), Path("configs"), Path(), Path("..", "configs"))
_EVERYTHING = AllowedFolders()
_SUFFIXES = (".py", ".yaml", ".yml", ".json")


def library_file(reference: str, reach: AllowedFolders = _EVERYTHING) -> tuple[Path, str]:
    """Return the file that ``lib::path/cfg.py`` means, and ``lib``.

    Raises:
        ConfigNotFoundError: the package is not installed, or has no such file.
    """
    library, _, relative = reference.partition("::")
    root = package_root(library.strip(), reference, reach)
    for folder in _FOLDERS:
        path = root / folder / relative.strip()
        if reach.is_bounded and not resolved(path).is_relative_to(resolved(root / folder)):
            continue  # `lib::../../x` leads out of it
        if is_file(path):
            reach.add(root / folder)  # what it inherits from in turn
            return path, library.strip()
    looked = ", ".join(str(root / folder) for folder in _FOLDERS)
    raise ConfigNotFoundError(f"package {library!r} has no config {relative!r}; looked in {looked}")


def package_root(name: str, reference: str, reach: AllowedFolders = _EVERYTHING) -> Path:
    """Return the folder of an installed package, given its import or distribution name.

    A folder on Python's path that nobody installed, such as the current one, is one only where
    everything may be read.

    Raises:
        ConfigNotFoundError: there is none.
    """
    found = installed_root(name) if reach.is_bounded else _importable_root(name)
    if found is not None:
        return found
    raise ConfigNotFoundError(
        f"{reference!r} needs the package {name!r}, which is not installed: pip install {name}"
    )


def _importable_root(name: str) -> Path | None:
    """The folder of what Python would import, or of a distribution's first package."""
    for candidate in import_names(name):
        spec = _spec_of(candidate)
        if spec is not None and spec.submodule_search_locations:
            return Path(next(iter(spec.submodule_search_locations)))
    return None


def _spec_of(name: str) -> ModuleSpec | None:
    """What Python knows of a top-level module, which is not imported for it."""
    try:
        return find_spec(name) if name.isidentifier() else None
    except (ImportError, ValueError):  # such as `__main__`, which has none
        return None


def module_file(module: str, level: int, importer: Path, *, reach: AllowedFolders) -> Path:
    """Return the config file that ``from ..module import x`` in the file ``importer`` means.

    Raises:
        ConfigNotFoundError: there is none.
    """
    parts = module.split(".") if module else []
    if level:
        above = importer.absolute().parents
        if level > len(above):
            raise ConfigNotFoundError(f"there are no {level} folders above {importer}")
        folders = [above[level - 1]]
    else:
        root = package_root(parts[0], f"from {module} import ...", reach)
        inner = parts[1:]
        folders = [root]
        if inner[:1] == ["configs"]:
            folders.append(root / ".mim")
        parts = inner
    looked = [folder.joinpath(*parts) for folder in folders]
    for path in looked:
        for suffix in _SUFFIXES:
            found = path.with_name(path.name + suffix)
            if level and reach.is_bounded:
                reach.check(found)
            if is_file(found) and (level or _is_inside(found, folders[0], reach)):
                if not level:
                    reach.add(folders[0])
                return found
    shown = " or ".join(str(path.with_name(path.name + ".py")) for path in looked)
    raise ConfigNotFoundError(f"there is no {shown} to inherit from")


def _is_inside(path: Path, root: Path, reach: AllowedFolders) -> bool:
    return not reach.is_bounded or resolved(path).is_relative_to(resolved(root))
