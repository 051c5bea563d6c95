"""What an installed library says of its trained models: names, configs and weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from engine_config.library import library_file
from engine_fileio import load

__all__ = ["library_folder", "names_of", "published_models", "weights_of_config"]

_INDEX: Final = "model-index.yml"
# Where it is, seen from the code: in a wheel, or in a source checkout.
_PLACES: Final = (f".mim/{_INDEX}", _INDEX, f"../{_INDEX}")


def library_folder(library: str) -> Path:
    """Return the folder of an installed library in which its model index is; nothing is imported.

    Raises:
        ConfigNotFoundError: the library isn't installed.
        LookupError: it has no index.
    """
    root = library_file(f"{library}::__init__.py")[0].parent
    for place in _PLACES:
        path = root / place
        if path.is_file():
            return path.resolve().parent
    raise LookupError(f"the library {library!r} has no {_INDEX}, which tells where weights are")


def published_models(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what a library tells of each model, as its metafiles have it.

    Args:
        folder: as `library_folder` finds it.
    """
    for metafile in load(str(folder / _INDEX)).get("Import", []):
        if not (folder / metafile).is_file():
            continue
        found = load(str(folder / metafile)) or []
        models = found.get("Models") if isinstance(found, dict) else found
        yield from (model for model in models or [] if isinstance(model, dict))


def names_of(model: dict[str, Any]) -> list[str]:
    """Return the name of a model of an index, and its other names."""
    others = model.get("Alias") or []
    return [model["Name"], *([others] if isinstance(others, str) else others)]


def weights_of_config(path: Path, library: str) -> str:
    """Return the address of the weights that belong to a config of a library.

    Raises:
        LookupError: the library knows none.
    """
    folder = next((each for each in path.parents if (each / _INDEX).is_file()), None)
    if folder is None:
        raise LookupError(f"the library {library!r} has no {_INDEX}, which tells where weights are")
    wanted = path.relative_to(folder).as_posix()
    for model in published_models(folder):
        if model.get("Config") == wanted and model.get("Weights"):
            return str(model["Weights"])
    raise LookupError(
        f"the library {library!r} has no trained weights for {wanted}: {folder / _INDEX} and what "
        "it imports name none"
    )
