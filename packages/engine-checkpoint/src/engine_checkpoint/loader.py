"""Checkpoint loader: where checkpoints come from, by scheme: files, the web, published models."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib import import_module
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar
from urllib.parse import unquote, urlparse

from engine_checkpoint.errors import CheckpointError, MissingCheckpointError
from engine_checkpoint.read import read_file
from engine_checkpoint.safetensors_file import SUFFIX, read_safetensors, safetensors_of
from engine_checkpoint.sharded.folder import is_sharded_checkpoint
from engine_checkpoint.sharded.read import read_sharded
from engine_fileio import HTTPBackend, get_local_path
from engine_fileio.address import hide_secrets
from engine_fileio.backends.cached import CachedBackend
from engine_logging import print_log

__all__ = [
    "CheckpointLoader",
    "get_deprecated_model_names",
    "get_external_models",
    "get_mmcls_models",
    "get_torchvision_models",
]

Loader = Callable[..., Any]


class CheckpointLoader:
    """Reads a checkpoint from wherever the beginning of its address says.

    A file whose name ends with ``.safetensors`` gives its tensors as ``state_dict``, and so do an
    index of several and a folder that transformers has written; a folder with a sharded checkpoint
    gives what a file of it would, whole.

    Known are local paths, ``http://`` and ``https://``, everything that `engine_fileio` reads
    (``s3://`` and more), ``torchvision://resnet50`` (also ``modelzoo://``),
    ``open-mmlab://NAME`` (also ``openmmlab://``) and ``mmcls://NAME``.
    """

    _schemes: ClassVar[dict[str, Loader]] = {}

    @classmethod
    def register_scheme(
        cls,
        prefixes: str | Sequence[str],
        loader: Loader | None = None,
        force: bool = False,
    ) -> Any:
        """Let ``loader(filename, map_location)`` read what begins with one of ``prefixes``.

        Without ``loader`` it is a decorator. Of several prefixes that fit the longest counts.

        Raises:
            KeyError: a prefix is taken, and ``force`` is not set.
        """
        if loader is None:
            return lambda given: cls._register(prefixes, given, force=force) or given
        cls._register(prefixes, loader, force=force)
        return None

    @classmethod
    def _register(cls, prefixes: str | Sequence[str], loader: Loader, *, force: bool) -> None:
        for prefix in [prefixes] if isinstance(prefixes, str) else prefixes:
            if prefix in cls._schemes and not force:
                raise KeyError(
                    f"checkpoints of {prefix!r} have a loader, {cls._schemes[prefix]}; give "
                    "force=True to replace it"
                )
            cls._schemes[prefix] = loader

    @classmethod
    def load_checkpoint(
        cls, filename: str, map_location: Any = None, logger: Any = "current"
    ) -> Any:
        """Return what a checkpoint holds.

        Args:
            filename: its address.
            map_location: as ``torch.load``.
            logger: whom to tell where it comes from: a logger, its name, "current" or None.

        Raises:
            FileNotFoundError: there is none.
            CheckpointError: it can't be read, or holds more than data.
        """
        filename = os.fspath(filename)
        if "://" not in filename:
            filename = str(Path(filename).expanduser())
        fitting = [prefix for prefix in cls._schemes if filename.startswith(prefix)]
        loader = cls._schemes[max(fitting, key=len)]
        if loader is not _from_storage or "://" in filename:
            shown = hide_secrets(filename) if "://" in filename else filename
            print_log(f"Loads checkpoint by {_kind(loader)} from path: {shown}", logger)
        return loader(filename, map_location)


def _kind(loader: Loader) -> str:
    return getattr(loader, "__name__", str(loader)).removeprefix("_from_")


def _from_storage(filename: str, map_location: Any = None, *, name: str | None = None) -> Any:
    """From a local file, or from anything that `engine_fileio` reads; errors call it ``name``."""
    name = name or filename
    with get_local_path(filename) as path:
        if is_sharded_checkpoint(path):
            return read_sharded(path, map_location, name=name)
        if safetensors_of(path) is not None and Path(path).exists():
            return read_safetensors(path, map_location, name=name)
        if not Path(path).is_file():
            raise MissingCheckpointError(f"there is no checkpoint {name}{_others(filename)}")
        read = read_safetensors if filename.endswith(SUFFIX) else read_file
        return read(path, map_location, name=name)


def _others(filename: str) -> str:
    """Which checkpoints there are in the folder of one that isn't."""
    folder = Path(filename).expanduser().absolute().parent
    if not folder.is_dir():
        return f": there is no folder {folder}"
    found = sorted(path.name for path in folder.glob("*.pth"))
    return f"; {folder} holds {', '.join(found[:8]) or 'none'}"


def _from_web(filename: str, map_location: Any = None) -> Any:
    """From the web, once for each version of the file: it stays in the folder for models.

    Of the processes of a machine one downloads. Where the server can't be reached, what was
    fetched before is read. What torch.hub has fetched is used if its name has its digest.
    """
    shown = hide_secrets(filename)
    kept = _kept_by_torch(filename)
    if kept is not None:
        return _from_storage(str(kept), map_location, name=shown)
    store = CachedBackend(
        HTTPBackend(),
        Path(_home()) / "checkpoints",
        offline=True,
        progress=partial(_tell, shown) if sys.stderr.isatty() else None,
    )
    try:
        with store.get_local_path(filename) as path:
            return _from_storage(str(path), map_location, name=shown)
    finally:
        store.close()


def _kept_by_torch(address: str) -> Path | None:
    """The file in torch.hub's cache whose name ends with the beginning of its SHA-256, if it is."""
    from torch.hub import get_dir

    name = PurePosixPath(unquote(urlparse(address).path)).name
    path = Path(get_dir()) / "checkpoints" / name
    told = re.search(r"-([0-9a-f]{8,64})\.", name)
    if told is None or not path.is_file():
        return None
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return path if found.startswith(told[1]) else None


def _tell(name: str, done: int, total: int | None) -> None:
    """Show on a terminal how far a download has come."""
    of = f" of {total / 1e6:.1f}" if total else ""
    end = "\n" if done == total else ""
    sys.stderr.write(f"\r{name}: {done / 1e6:.1f}{of} MB{end}")


def _from_torchvision(filename: str, map_location: Any = None) -> Any:
    name = filename.split("://", 1)[1]
    models = get_torchvision_models()
    return _from_web(_known(name, models, "torchvision"), map_location)


def _from_openmmlab(filename: str, map_location: Any = None) -> Any:
    name = filename.split("://", 1)[1]
    renamed = get_deprecated_model_names()
    if name in renamed:
        print_log(f"open-mmlab://{name} is now open-mmlab://{renamed[name]}", "current", 30)
        name = renamed[name]
    return _from_name(_known(name, get_external_models(), "open-mmlab"), map_location)


def _from_mmcls(filename: str, map_location: Any = None) -> Any:
    name = filename.split("://", 1)[1]
    return _from_name(_known(name, get_mmcls_models(), "mmcls"), map_location)


def _from_name(address: str, map_location: Any) -> Any:
    """A name may stand for a file below torch's home rather than for a web address."""
    if address.startswith(("http://", "https://")):
        return _from_web(address, map_location)
    return _from_storage(str(Path(_home()) / address), map_location)


def _home() -> str:
    base = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return str(Path(os.environ.get("MMENGINE_HOME", f"{base}/mmengine")).expanduser())


def _known(name: str, models: dict[str, str], kind: str) -> str:
    if name in models:
        return models[name]
    from difflib import get_close_matches

    near = ", ".join(get_close_matches(name, models)) or "none"
    raise CheckpointError(f"{kind}:// knows no model {name!r}; close names: {near}")


@cache
def _names() -> dict[str, dict[str, str]]:
    text = files("engine_checkpoint").joinpath("model_names.json").read_text("utf-8")
    names: dict[str, dict[str, str]] = json.loads(text)
    return names


def get_external_models() -> dict[str, str]:
    """Return where the models of ``open-mmlab://`` are, by name."""
    return _with_file(_names()["external"], "open_mmlab.json")


def get_mmcls_models() -> dict[str, str]:
    """Return where the models of ``mmcls://`` are, by name."""
    return _with_file(_names()["mmcls"], "mmcls.json")


def get_deprecated_model_names() -> dict[str, str]:
    """Return names of ``open-mmlab://`` that were given up, each with the one to use."""
    return _with_file(_names()["deprecated"], "deprecated.json")


def _with_file(known: dict[str, str], name: str) -> dict[str, str]:
    """With the user's own names over it, from a JSON file in the home folder for models."""
    own = Path(_home()) / name
    return {**known, **(json.loads(own.read_text("utf-8")) if own.is_file() else {})}


def get_torchvision_models() -> dict[str, str]:
    """Return where torchvision's weights are: by model name, and by ``name.WEIGHTS``.

    Raises:
        ImportError: torchvision isn't installed.
    """
    try:
        models: Any = import_module("torchvision.models")
    except ImportError as error:
        raise ImportError("torchvision:// needs torchvision: pip install torchvision") from error
    found: dict[str, str] = {}
    for name in models.list_models():
        weights = models.get_model_weights(name)
        for member in weights:
            found[f"{name}.{member.name}".lower()] = member.url
            found[f"{weights.__name__}.{member.name}".lower()] = member.url
        if len(weights):
            found[name] = next(iter(weights)).url
    return found


CheckpointLoader.register_scheme("", _from_storage)
CheckpointLoader.register_scheme(["http://", "https://"], _from_web)
CheckpointLoader.register_scheme(["modelzoo://", "torchvision://"], _from_torchvision)
CheckpointLoader.register_scheme(["open-mmlab://", "openmmlab://"], _from_openmmlab)
CheckpointLoader.register_scheme("mmcls://", _from_mmcls)
