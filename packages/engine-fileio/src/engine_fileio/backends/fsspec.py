"""Every place that fsspec knows: ``gs://``, ``az://``, ``hf://``, ``sftp://``, ``webdav://`` ..."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from engine_fileio.address import Address, shown
from engine_fileio.atomic import Buffer, atomic_file
from engine_fileio.backends import folders
from engine_fileio.backends.base import BaseStorageBackend, FileInfo
from engine_fileio.backends.store import Progress, Suffix
from engine_fileio.errors import (
    MissingPackageError,
    UnsupportedError,
    already_there,
    is_folder,
    no_such_file,
)
from engine_fileio.optional import later, require

_BLOCK = 1024 * 1024
_REQUEST = 32 * 1024  # over SFTP; it answers no larger ones
_WINDOW = 64 * _REQUEST
# Some drivers take an address apart as a URL, which would end a name at one of these.
_HIDDEN = {ord(mark): 0xF700 + ord(mark) for mark in "#?\n\r\t"}  # characters of nobody's
_SHOWN = {hidden: mark for mark, hidden in _HIDDEN.items()}


class FsspecBackend(BaseStorageBackend):
    """Every place that fsspec knows. Its drivers are packages of their own, such as ``gcsfs``.

    Args:
        storage_options: what the driver takes, such as ``token`` or ``host``.
    """

    workers = 8

    def __init__(self, **storage_options: Any) -> None:
        self._options = storage_options
        require("fsspec", extra="fsspec", what="FsspecBackend")

    @staticmethod
    def knows(prefix: str) -> bool:
        """Whether fsspec, if it is installed, has a driver's name for ``prefix``."""
        fsspec = require("fsspec", extra="fsspec", what=f"{prefix}://")
        return prefix in fsspec.available_protocols()

    @property
    def place(self) -> str:
        """The driver's options, a host perhaps."""
        return repr(sorted(self._options.items()))

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file."""
        system, path = self._at(filepath)
        try:
            return bytes(system.cat_file(path))
        except FileNotFoundError as error:
            raise no_such_file(filepath) from error

    def put(self, obj: Buffer, filepath: Address, *, overwrite: bool = True) -> None:
        """Write a file, as whole as its driver writes it."""
        system, path = self._at(filepath)
        if overwrite:
            with self._writing(filepath) as writer:
                writer.write(obj)
            return
        self._make_parent(system, path)
        try:
            system.pipe_file(path, bytes(obj), mode="create")
        except FileExistsError as error:
            raise already_there(filepath) from error
        except (NotImplementedError, TypeError, ValueError) as error:
            raise UnsupportedError(f"{type(system).__name__} has no overwrite=False") from error

    def info(self, filepath: Address) -> FileInfo:
        """Return size and version of a file."""
        system, path = self._at(filepath)
        try:
            known = system.info(path)
        except FileNotFoundError as error:
            raise no_such_file(filepath) from error
        return FileInfo(size=int(known.get("size") or 0), version=str(system.ukey(path)))

    def isfile(self, filepath: Address) -> bool:
        """Whether there is a file."""
        system, path = self._at(filepath)
        return bool(system.isfile(path))

    def isdir(self, filepath: Address) -> bool:
        """Whether there is a folder."""
        system, path = self._at(filepath)
        return bool(system.isdir(path))

    def list_dir_or_file(
        self,
        dir_path: Address,
        list_dir: bool = True,
        list_file: bool = True,
        suffix: Suffix = None,
        recursive: bool = False,
    ) -> Iterator[str]:
        """Yield what is in a folder, as paths relative to it."""
        wanted = folders.Wanted(list_dir, list_file, suffix, recursive=recursive)
        system, path = self._at(dir_path)
        if not system.isdir(path):
            raise no_such_file(dir_path, "no such folder")
        yield from _walk(system, path.rstrip("/"), wanted)

    def remove(self, filepath: Address) -> None:
        """Remove a file."""
        system, path = self._at(filepath)
        if system.isdir(path):
            raise is_folder(filepath)
        if not system.exists(path):
            raise no_such_file(filepath)
        system.rm_file(path)
        system.invalidate_cache()

    def rmtree(self, dir_path: Address) -> None:
        """Remove a folder and all that is in it."""
        system, path = self._at(dir_path)
        if not system.isdir(path):
            raise no_such_file(dir_path, "no such folder")
        system.rm(path, recursive=True)
        system.invalidate_cache()

    def copy(self, src: Address, target: Address) -> None:
        """Copy a file within the store, on the server if the driver can."""
        system, path = self._at(src)
        inside = self._at(target)[1]
        self._make_parent(system, inside)
        try:
            system.cp_file(path, inside)
        except FileNotFoundError as error:
            raise no_such_file(src) from error
        except NotImplementedError:  # sftp, say: by way of this machine
            with self.get_local_path(src) as local:
                self.upload(local, target)
        system.invalidate_cache()

    def upload(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Upload a local file block by block."""
        with Path(src).open("rb") as reader, self._writing(target) as writer:
            _copy(reader, writer, total=Path(src).stat().st_size, progress=progress)

    def download(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Download a file as its driver does it best, whole or not at all."""
        system, path = self._at(src)
        told = _telling(progress)
        with atomic_file(target) as file:
            try:
                if hasattr(system, "ftp"):  # paramiko's `get` keeps what the disk can't take yet
                    return _read_ahead(system, path, file, progress=progress)
                system.get_file(path, file.name, callback=told)
            except FileNotFoundError as error:
                raise no_such_file(src) from error
            size = Path(file.name).stat().st_size
        if progress and told.value < size:  # few drivers tell
            progress(size, size)

    def generate_presigned_url(
        self, url: str, client_method: str = "get_object", expires_in: int = 3600
    ) -> str:
        """Return a URL to read the file by, if the driver signs any."""
        system, path = self._at(url)
        try:
            return str(system.sign(path, expiration=expires_in))
        except NotImplementedError:
            self.unsupported(f"presigned URLs of {type(system).__name__}", url)

    @contextmanager
    def _writing(self, filepath: Address) -> Iterator[Any]:
        """A file to write, which appears when the block ends without an error."""
        system, path = self._at(filepath)
        try:
            self._make_parent(system, path)
            writer = system.open(path, "wb", autocommit=False)
        except NotImplementedError:
            self.unsupported("put", filepath)
        try:
            yield writer
            writer.close()
        except BaseException:
            writer.discard()
            raise
        if not isinstance(writer, later("tempfile").SpooledTemporaryFile):
            writer.commit()  # webdav4's, which is one, has done so when it was closed
        system.invalidate_cache()

    def _at(self, filepath: Address) -> tuple[Any, str]:
        fsspec = require("fsspec", extra="fsspec", what="FsspecBackend")
        address = os.fspath(filepath)
        is_url = address.startswith(("http://", "https://"))  # where `?` and `#` have a meaning
        try:
            system, path = fsspec.core.url_to_fs(
                address if is_url else address.translate(_HIDDEN), **self._options
            )
        except ImportError as error:  # the driver's package; fsspec says which
            raise MissingPackageError(f"{shown(filepath)!r}: {error}") from error
        return system, str(path).translate(_SHOWN)

    @staticmethod
    def _make_parent(system: Any, path: str) -> None:
        parent = system._parent(path)  # fsspec's own stores call it on each other too
        if parent and not system.isdir(parent):
            for _ in range(parent.count("/")):
                try:
                    system.makedirs(parent, exist_ok=True)
                    return
                except OSError:  # others may be making it, or what is above it, this moment
                    if system.isdir(parent):
                        return
            system.makedirs(parent, exist_ok=True)


def _walk(system: Any, path: str, wanted: folders.Wanted) -> Iterator[str]:
    """The entries below ``path``, a folder before what is in it."""
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        for entry in sorted(system.ls(folder, detail=True), key=lambda one: str(one["name"])):
            name = str(entry["name"]).rstrip("/")
            inside = name.removeprefix(path).lstrip("/")
            if entry["type"] == "directory":
                if wanted.list_dir:
                    yield inside
                if wanted.recursive:
                    waiting.append(name)
            elif inside and wanted.takes(inside):
                yield inside


def _telling(progress: Progress | None) -> Any:
    """fsspec's callback that calls ``progress``; its ``value`` is what was told last."""
    base: Any = require("fsspec", extra="fsspec", what="FsspecBackend").callbacks.Callback

    def call(self: Any, hook_name: str | None = None, **_: Any) -> None:
        if progress and self.value:
            progress(self.value, self.size)

    return type("Telling", (base,), {"call": call})()


def _read_ahead(system: Any, path: str, file: BinaryIO, *, progress: Progress | None) -> None:
    """Read a file over SFTP; many blocks are asked for at once, as each answer is small."""
    with system.open(path, "rb") as reader:
        size = reader.stat().st_size
        for begin in range(0, size, _WINDOW):
            end = min(begin + _WINDOW, size)
            blocks = [(at, min(_REQUEST, end - at)) for at in range(begin, end, _REQUEST)]
            file.writelines(reader.readv(blocks))
            reader._prefetch_data = {}  # paramiko may keep blocks that it has asked for twice
            if progress:
                progress(end, size)
    if file.tell() != size:
        raise OSError(f"of {size} bytes {file.tell()} came: the file was changed")


def _copy(reader: Any, writer: Any, *, total: int | None, progress: Progress | None) -> None:
    done = 0
    while block := reader.read(_BLOCK):
        writer.write(block)
        done += len(block)
        if progress:
            progress(done, total)
