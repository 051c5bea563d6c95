"""What every back-end can do.

A back-end of one's own needs ``get``; the rest follows from it, or says that it cannot be
done. With ``put``, ``remove``, ``isfile``, ``isdir`` and ``list_dir_or_file`` all of it works;
``copy``, ``upload`` and ``download`` are there to be overridden where a store has better ways.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple, NoReturn

from engine_fileio import address
from engine_fileio.address import Address
from engine_fileio.atomic import Buffer, write_bytes
from engine_fileio.backends import folders
from engine_fileio.backends.store import Progress, Suffix
from engine_fileio.errors import UnsupportedError
from engine_fileio.optional import later
from engine_fileio.scrub import scrubbing


class FileInfo(NamedTuple):
    """What a store knows of a file without reading it.

    ``version`` changes whenever the content does (an entity tag, or a time of change).
    """

    size: int
    version: str


class BaseStorageBackend(ABC):
    """A place where bytes have addresses."""

    _allow_symlink = False

    is_local = False
    """Whether the bytes never leave this machine: a pickle there is as trusted as a program."""

    workers = 1
    """How many files of a folder travel at a time."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let no operation of a subclass raise an error with a login or a signature in it."""
        super().__init_subclass__(**kwargs)
        for name in _OPERATIONS & vars(cls).keys():
            if isinstance(vars(cls)[name], FunctionType):
                setattr(cls, name, scrubbing(vars(cls)[name]))

    @property
    def name(self) -> str:
        """The class's name."""
        return type(self).__name__

    @property
    def allow_symlink(self) -> bool:
        """Whether the store knows symbolic links."""
        return self._allow_symlink

    @property
    def place(self) -> str:
        """What tells this store from another one with the same addresses."""
        return self.name

    def identity(self, filepath: Address) -> str:
        """What is the same for all spellings of one file's address in this store."""
        return self.join_path(filepath)

    @abstractmethod
    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file.

        Raises:
            FileNotFoundError: there is none; the message has the address.
        """

    def get_text(self, filepath: Address, *, encoding: str = "utf-8") -> str:
        """Return a file's text."""
        return bytes(self.get(filepath)).decode(encoding)

    def put(self, obj: Buffer, filepath: Address, *, overwrite: bool = True) -> None:
        """Write a file, whole or not at all, in folders that need not exist.

        Raises:
            FileExistsError: it exists and ``overwrite`` is False.
        """
        self.unsupported("put", filepath)

    def put_if_match(self, obj: Buffer, filepath: Address, version: str) -> None:
        """Write a file if it still has the version that ``info`` told, whole or not at all.

        Raises:
            ConflictError: somebody else has written it; the message has its version now.
            FileNotFoundError: it is gone.
        """
        self.unsupported("if_match", filepath)

    def put_text(self, obj: str, filepath: Address, *, encoding: str = "utf-8") -> None:
        """Write a text file."""
        self.put(obj.encode(encoding), filepath)

    def info(self, filepath: Address) -> FileInfo:
        """Return size and version of a file without reading it."""
        self.unsupported("info", filepath)

    def exists(self, filepath: Address) -> bool:
        """Whether there is a file or folder."""
        return self.isfile(filepath) or self.isdir(filepath)

    def isfile(self, filepath: Address) -> bool:
        """Whether there is a file."""
        try:
            self.get(filepath)
        except FileNotFoundError:
            return False
        return True

    def isdir(self, filepath: Address) -> bool:
        """Whether there is a folder; a store without folders has none."""
        return False

    def join_path(self, filepath: Address, *filepaths: Address) -> str:
        """Join the parts of an address."""
        return address.join(filepath, *filepaths)

    @contextmanager
    def get_local_path(self, filepath: Address) -> Iterator[str | Path]:
        """Give the path of a local copy, named like the file, for the time of the block."""
        with later("tempfile").TemporaryDirectory(prefix="engine-fileio-") as folder:
            local = Path(folder) / (address.base_name(filepath) or "file")
            self.download(filepath, local)
            yield str(local)

    def list_dir_or_file(
        self,
        dir_path: Address,
        list_dir: bool = True,
        list_file: bool = True,
        suffix: Suffix = None,
        recursive: bool = False,
    ) -> Iterator[str]:
        """Yield what is in a folder, as paths relative to it.

        Args:
            dir_path: the folder.
            list_dir: whether to yield folders.
            list_file: whether to yield files.
            suffix: yield only files that end so; only with ``list_dir=False``.
            recursive: whether to descend into folders.

        Raises:
            FileNotFoundError: there is no such folder.
        """
        self.unsupported("list_dir_or_file", dir_path)

    def remove(self, filepath: Address) -> None:
        """Remove a file.

        Raises:
            FileNotFoundError: there is none.
            IsADirectoryError: it is a folder.
        """
        self.unsupported("remove", filepath)

    def rmtree(self, dir_path: Address) -> None:
        """Remove a folder and all that is in it."""
        folders.remove_tree(self, dir_path)

    def copyfile(self, src: Address, dst: Address) -> str | Path:
        """Copy a file within the store and return where it now is.

        Into a folder that exists it is copied under its own name.

        Raises:
            shutil.SameFileError: ``src`` and ``dst`` are the same.
        """
        target = folders.within(self, dst, src)
        self.copy(src, target)
        return target

    def copytree(self, src: Address, dst: Address) -> str | Path:
        """Copy a folder within the store and return ``dst``.

        Raises:
            FileExistsError: ``dst`` exists.
        """
        return folders.copy_tree(self, src, dst)

    def copyfile_from_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a local file into the store and return where it now is."""
        local = address.local_side(src)
        folders.must_be_folder(local)
        target = folders.within(self, dst, local)
        with folders.told_to_the_end(progress, local) as told:
            self.upload(local, target, progress=told)
        return target

    def copytree_from_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a local folder into the store and return ``dst``.

        Raises:
            FileExistsError: ``dst`` exists.
        """
        return folders.upload_tree(self, src, dst, progress=progress)

    def copyfile_to_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a file to a local path, whole or not at all, and return where it now is."""
        target = folders.local_target(address.local_side(dst), src)
        with folders.told_to_the_end(progress, target) as told:
            self.download(src, target, progress=told)
        return target

    def copytree_to_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a folder to a local path, adding to what is there, and return ``dst``."""
        return folders.download_tree(self, src, dst, progress=progress)

    def copy_if_symlink_fails(self, src: Address, dst: Address) -> bool:
        """Link ``dst`` to ``src``, else copy. Return whether it is a link."""
        (self.copytree if self.isdir(src) else self.copyfile)(src, dst)
        return False

    def copy(self, src: Address, target: Address) -> None:
        """Copy a file within the store to exactly ``target``."""
        self.put(self.get(src), target)

    def upload(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Copy a local file to exactly ``target``."""
        data = Path(src).read_bytes()
        self.put(data, target)
        if progress:
            progress(len(data), len(data))

    def download(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Copy a file to exactly the local path ``target``, whole or not at all."""
        data = self.get(src)
        write_bytes(target, data)
        if progress:
            progress(len(data), len(data))

    def fetch(self, src: Address, target: Address, *, progress: Progress | None = None) -> FileInfo:
        """Download a file to exactly ``target`` and return size and version of what came.

        ``version`` is empty if it isn't known, as when the file has changed meanwhile.
        """
        before = self.info(src)
        self.download(src, target, **({"progress": progress} if progress else {}))
        return before if self.info(src) == before else FileInfo(size=-1, version="")

    def generate_presigned_url(
        self, url: str, client_method: str = "get_object", expires_in: int = 3600
    ) -> str:
        """Return a URL that anybody may use for ``expires_in`` seconds."""
        self.unsupported("generate_presigned_url", url)

    def unsupported(self, what: str, filepath: Address) -> NoReturn:
        """Say that this back-end cannot do ``what``.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(f"{self.name} does not support {what}: {address.shown(filepath)!r}")


_OPERATIONS = {
    name
    for name, value in vars(BaseStorageBackend).items()
    if isinstance(value, FunctionType) and name[0] != "_"
}
for _name in _OPERATIONS - {"get"}:  # which is abstract
    setattr(BaseStorageBackend, _name, scrubbing(vars(BaseStorageBackend)[_name]))
