"""Where checkpoints come from: files on any storage, the web, and names of published models."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar
from urllib.parse import urlparse

from engine_dist import barrier, get_local_rank
from engine_fileio import get_local_path
from engine_logging import print_log
from engine_runner.checkpoint.digest import fast_hash
from engine_runner.checkpoint.errors import CheckpointError, MissingCheckpointError
from engine_runner.checkpoint.read import read_file
from engine_runner.checkpoint.safetensors_file import SUFFIX, read_safetensors, safetensors_of
from engine_runner.checkpoint.sharded_folder import is_sharded_checkpoint
from engine_runner.checkpoint.sharded_read import read_sharded

__all__ = [
    "CheckpointLoader",
    "get_deprecated_model_names",
    "get_external_models",
    "get_mmcls_models",
    "get_torchvision_models",
]

Loader = Callable[..., Any]
_BLOCK = 1 << 22


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
        fitting = [prefix for prefix in cls._schemes if filename.startswith(prefix)]
        loader = cls._schemes[max(fitting, key=len)]
        if loader is not _from_storage or "://" in filename:
            print_log(f"Loads checkpoint by {_kind(loader)} from path: {filename}", logger)
        return loader(filename, map_location)


def _kind(loader: Loader) -> str:
    return getattr(loader, "__name__", str(loader)).removeprefix("_from_")


def _from_storage(filename: str, map_location: Any = None) -> Any:
    """From a local file, or from anything that `engine_fileio` reads."""
    with get_local_path(filename) as path:
        if is_sharded_checkpoint(path):
            return read_sharded(path, map_location, name=filename)
        if safetensors_of(path) is not None and Path(path).exists():
            return read_safetensors(path, map_location, name=filename)
        if not Path(path).is_file():
            raise MissingCheckpointError(f"there is no checkpoint {filename}{_others(filename)}")
        read = read_safetensors if filename.endswith(SUFFIX) else read_file
        return read(path, map_location, name=filename)


def _others(filename: str) -> str:
    """Which checkpoints there are in the folder of one that isn't."""
    folder = Path(filename).expanduser().absolute().parent
    if not folder.is_dir():
        return f": there is no folder {folder}"
    found = sorted(path.name for path in folder.glob("*.pth"))
    return f"; {folder} holds {', '.join(found[:8]) or 'none'}"


def _from_web(filename: str, map_location: Any = None) -> Any:
    """From the web, once: the file stays in torch's cache. One process of a machine downloads.

    A digest beside it tells whether the disk has damaged it since: then it is downloaded again.
    """
    from torch.hub import download_url_to_file, get_dir

    name = PurePosixPath(urlparse(filename).path).name
    target = Path(get_dir()) / "checkpoints" / name
    try:
        if get_local_rank() == 0 and not _is_cached(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            download_url_to_file(filename, str(target), progress=sys.stderr.isatty())
            _beside(target).write_text(_digest_of(target), "utf-8")
    finally:
        barrier()  # also if it fails: nobody waits for ever
    return _from_storage(str(target), map_location)


def _is_cached(file: Path) -> bool:
    """Whether a file was downloaded before, and is as it was then; one without a digest may be."""
    said = _beside(file)
    if not file.is_file() or not said.is_file():
        return file.is_file()
    if said.read_text("utf-8", "replace") == _digest_of(file):
        return True
    print_log(f"{file} is damaged, and is downloaded again", "current", 30)
    file.unlink()
    return False


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}.xxh3")


def _digest_of(file: Path) -> str:
    found = fast_hash()
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


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
    text = files("engine_runner.checkpoint").joinpath("model_names.json").read_text("utf-8")
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
