"""Annotations from an index that is built once, and mapped by all processes of a machine."""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from engine_dataset.annotation_index import Index, open_index, write_index
from engine_fileio import info
from engine_fileio.file_lock import lock

__all__ = ["cache_folder", "load_by_index"]

logger = logging.getLogger(__name__)

# what says nothing about the annotations, or is made from them
_OTHER = {
    *("pipeline", "serialize_data", "index_dir", "max_refetch", "broadcast", "data_list"),
    *("_packed", "_fully_initialized", "index_ignores"),
}


def load_by_index(dataset: Any, load: Callable[[], None]) -> None:
    """Set a data set's annotations from its index, and build that first if it is missing.

    One process of a machine builds it while the others wait.

    Args:
        dataset: the data set.
        load: sets ``data_list`` and whatever else a data set's loading sets.

    Raises:
        ValueError: there is nothing to tell by whether the index is out of date.
        TypeError: something of the data set can't be written down.
        OSError: the index can't be written.
    """
    before = _attributes(dataset)
    path = _path(dataset, before)
    found = open_index(path) or _built(path, dataset, load, before=before)
    for name, value in found.attributes.items():
        setattr(dataset, name, value)
    dataset.data_list, dataset._packed = [], found.annotations


def cache_folder() -> Path:
    """Where indices are kept unless a data set says another folder."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base, "engine", "annotations").expanduser()


def _built(
    path: Path, dataset: Any, load: Callable[[], None], *, before: Mapping[str, str]
) -> Index:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        error.add_note("an index of annotations is kept there; index_dir= takes another folder")
        raise
    try:
        lock(handle)
        if (others := open_index(path)) is not None:  # they have built it while this one waited
            return others
        load()
        after = _attributes(dataset)
        changed = [name for name, text in after.items() if before.get(name) != text]
        write_index(path, dataset.data_list, {name: getattr(dataset, name) for name in changed})
    finally:
        os.close(handle)
    logger.info("built the index %s of the annotations of %s", path, type(dataset).__name__)
    found = open_index(path)
    if found is None:
        raise OSError(f"the index {path} was written and can't be read; is something else there?")
    return found


def _path(dataset: Any, attributes: Mapping[str, str]) -> Path:
    """Where the index of these annotations lies: the name changes with all that they depend on."""
    sources = [*dataset.index_sources()]
    if not sources:
        raise ValueError(
            f"{type(dataset).__name__} has no ann_file, so nothing tells whether an index of its "
            "annotations is out of date; override index_sources() to return the files that they "
            'come from, or don\'t use serialize_data="mmap"'
        )
    facts = [attributes, _code_of(type(dataset)), [[name, *info(name)] for name in sources]]
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]
    folder = Path(dataset.index_dir) if dataset.index_dir else cache_folder()
    return folder.absolute() / f"{type(dataset).__name__}-{key}.index"


def _attributes(dataset: Any) -> dict[str, str]:
    """A text for the value of each attribute that the annotations may depend on."""
    left_out = {*_OTHER, *dataset.index_ignores}
    found = {}
    for name, value in vars(dataset).items():
        if name in left_out:
            continue
        try:
            found[name] = json.dumps(_fact(value))
        except TypeError as error:
            raise TypeError(
                f"{type(dataset).__name__}.{name} is or holds a {error}, and an index has to tell "
                f"whether it is the same next time; if the annotations don't depend on it: "
                f"index_ignores = ({name!r},) in the class"
            ) from error
    return found


def _fact(value: Any) -> Any:
    """What `value` is, as JSON's types."""
    if value is None or isinstance(value, str | int | float):
        return [type(value).__name__, str(value)]
    if isinstance(value, Mapping):
        return ["dict", [[_fact(key), _fact(each)] for key, each in value.items()]]
    if isinstance(value, list | tuple):
        return [*map(_fact, value)]
    if isinstance(value, set | frozenset):
        return ["set", sorted(json.dumps(_fact(each)) for each in value)]
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return ["array", value.dtype.str, [*value.shape], _digest(value.tobytes())]
    if isinstance(value, bytes | np.generic | PurePath):
        return [type(value).__name__, repr(value)]
    if inspect.isclass(value) or inspect.isfunction(value):
        return ["name", value.__module__, value.__qualname__]
    raise TypeError(f"{type(value).__module__}.{type(value).__qualname__}")


def _code_of(kind: type) -> list[list[str]]:
    """The name of each class that a data set's is made of, and a digest of its file."""
    found = []
    for each in kind.__mro__:
        if each is object or each.__module__.split(".")[0] in ("torch", "typing"):
            continue
        try:
            code = Path(inspect.getsourcefile(each) or "").read_bytes()
        except (OSError, TypeError):  # of a notebook, or typed in
            functions = [value for value in vars(each).values() if inspect.isfunction(value)]
            code = repr([_constants(one.__code__) for one in functions]).encode()
        found.append([f"{each.__module__}.{each.__qualname__}", _digest(code)])
    return found


def _constants(code: Any) -> list[Any]:
    """A function's byte code with the constants and names that it uses, whatever its address."""
    inner = [_constants(one) if inspect.iscode(one) else repr(one) for one in code.co_consts]
    return [code.co_code, code.co_names, inner]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
