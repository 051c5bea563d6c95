"""Files of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from engine_fileio.address import Address, file_path, local_path, local_side, shown
from engine_fileio.atomic import Buffer, atomic_file, version_of, write_bytes
from engine_fileio.backends import folders
from engine_fileio.backends.base import BaseStorageBackend, FileInfo
from engine_fileio.backends.store import Progress, Suffix
from engine_fileio.errors import is_folder, no_such_file
from engine_fileio.optional import later

_BLOCK = 4 * 1024 * 1024


class LocalBackend(BaseStorageBackend):
    """Files of this machine; writes are atomic and make missing folders.

    It takes paths, with ``~`` for the user's folder, and ``file://`` addresses.
    """

    _allow_symlink = True
    is_local = True

    def identity(self, filepath: Address) -> str:
        """The real path: absolute, without links."""
        return os.path.normcase(os.path.realpath(file_path(filepath)))

    def get(self, filepath: Address) -> bytes:
        """Return the bytes of a file."""
        with FileIO(file_path(filepath)) as file:  # no buffer: all is read in one go
            return file.readall()

    def get_text(self, filepath: Address, encoding: str = "utf-8") -> str:
        r"""Return a file's text, its line ends as ``\n``."""
        with open(file_path(filepath), encoding=encoding) as file:  # noqa: PTH123 - see `address`
            return file.read()

    def put(self, obj: Buffer, filepath: Address, *, overwrite: bool = True) -> None:
        """Write a file, whole or not at all, in folders that need not exist."""
        write_bytes(file_path(filepath), obj, overwrite=overwrite)

    def put_if_match(self, obj: Buffer, filepath: Address, version: str) -> None:
        """Write a file if it still has this version; such writers exclude one another."""
        write_bytes(file_path(filepath), obj, if_match=version)

    def put_text(self, obj: str, filepath: Address, encoding: str = "utf-8") -> None:
        """Write a text file; line ends are written as they are."""
        write_bytes(file_path(filepath), obj.encode(encoding))

    def info(self, filepath: Address) -> FileInfo:
        """Return size and time of change of a file."""
        stat = os.stat(file_path(filepath))  # noqa: PTH116 - Path would drop a slash at the end
        return FileInfo(size=stat.st_size, version=version_of(stat))

    def exists(self, filepath: Address) -> bool:
        """Whether there is a file or folder."""
        return os.path.exists(local_path(filepath))  # noqa: PTH110 - half the time

    def isdir(self, filepath: Address) -> bool:
        """Whether there is a folder."""
        return os.path.isdir(local_path(filepath))  # noqa: PTH112

    def isfile(self, filepath: Address) -> bool:
        """Whether there is a file."""
        return os.path.isfile(local_path(filepath))  # noqa: PTH113

    def join_path(self, filepath: Address, *filepaths: Address) -> str:
        """Join the parts as the system does: an absolute part starts afresh."""
        # Path would drop a leading `./` and a trailing slash
        return os.path.join(os.fspath(filepath), *filepaths)  # noqa: PTH118

    @contextmanager
    def get_local_path(self, filepath: Address) -> Iterator[str]:
        """Give the path itself, as text: the file is here already."""
        yield os.fspath(file_path(filepath))

    def list_dir_or_file(
        self,
        dir_path: Address,
        list_dir: bool = True,
        list_file: bool = True,
        suffix: Suffix = None,
        recursive: bool = False,
    ) -> Iterator[str]:
        """Yield what is in a folder, as paths relative to it; hidden files are left out."""
        wanted = folders.Wanted(list_dir, list_file, suffix, recursive=recursive)
        return _walk(str(file_path(dir_path)), "", wanted)

    def remove(self, filepath: Address) -> None:
        """Remove a file."""
        path = file_path(filepath)
        if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114
            raise is_folder(filepath)
        if not os.path.lexists(path):
            raise no_such_file(filepath)
        os.unlink(path)  # noqa: PTH108 - Path would drop a slash at the end

    def rmtree(self, dir_path: Address) -> None:
        """Remove a folder and all that is in it."""
        later("shutil").rmtree(file_path(dir_path))

    def copyfile(self, src: Address, dst: Address) -> str | Path:
        """Copy a file with its permission bits and return where it now is.

        It is a ``Path`` if ``dst`` is one, and no folder.
        """
        return self._copy_file(src, dst, None)

    def copytree(self, src: Address, dst: Address) -> str | Path:
        """Copy a folder and return ``dst``."""
        return self._copy_tree(src, dst, None)

    def copyfile_from_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a file with its permission bits and return where it now is."""
        return self._copy_file(local_side(src), dst, progress)

    def copytree_from_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a folder and return ``dst``."""
        return self._copy_tree(local_side(src), dst, progress)

    def copyfile_to_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a file with its permission bits and return where it now is."""
        return self._copy_file(src, local_side(dst), progress)

    def copytree_to_local(
        self, src: Address, dst: Address, *, progress: Progress | None = None
    ) -> str | Path:
        """Copy a folder and return ``dst``."""
        return self._copy_tree(src, local_side(dst), progress)

    def _copy_file(self, src: Address, dst: Address, progress: Progress | None) -> str | Path:
        source = file_path(src)
        target = folders.local_target(file_path(dst), source)
        with folders.told_to_the_end(progress, target) as told:
            self.download(source, target, progress=told)
        return target

    def _copy_tree(self, src: Address, dst: Address, progress: Progress | None) -> str | Path:
        copy = folders.Total(progress).of_each(self.download) if progress else later("shutil").copy2
        source, target = file_path(src), file_path(dst)
        own = os.path.realpath(target)

        def without_copy(folder: str, names: list[str]) -> list[str]:
            """The copy, in the folder that is copied: it would have a copy of itself."""
            real = os.path.realpath(folder)
            return [name for name in names if os.path.join(real, name) == own]  # noqa: PTH118

        later("shutil").copytree(source, target, ignore=without_copy, copy_function=copy)
        return target

    def copy_if_symlink_fails(self, src: Address, dst: Address) -> bool:
        """Link ``dst`` to ``src``, else copy. Return whether it is a link."""
        try:
            os.symlink(file_path(src), file_path(dst))  # noqa: PTH211 - Path drops a slash at the end
        except OSError:  # the name is taken, or the system or its user may not link
            (self.copytree if self.isdir(src) else self.copyfile)(src, dst)
            return False
        return True

    def copy(self, src: Address, target: Address) -> None:
        """Copy a file with its permission bits to exactly ``target``."""
        self.download(src, target)

    def upload(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Copy a file with its permission bits to exactly ``target``."""
        self.download(src, target, progress=progress)

    def download(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Copy a file with its permission bits to exactly ``target``."""
        source, there = file_path(src), file_path(target)
        if os.path.exists(there) and os.path.samefile(source, there):  # noqa: PTH110, PTH121
            raise later("shutil").SameFileError(f"source and target are the same: {shown(src)!r}")
        with open(source, "rb") as reader, atomic_file(there) as writer:  # noqa: PTH123
            if progress is None:
                later("shutil").copyfileobj(reader, writer, _BLOCK)
            else:
                _copy_telling(reader, writer, progress)
            later("shutil").copymode(source, writer.name)


def _walk(root: str, inside: str, wanted: folders.Wanted) -> Iterator[str]:
    with os.scandir(os.path.join(root, inside)) as entries:  # noqa: PTH118 - Path is slow here
        for entry in entries:
            name = os.path.join(inside, entry.name)  # noqa: PTH118
            if _asked(entry.is_dir):
                if wanted.list_dir:
                    yield name
                if wanted.recursive:
                    yield from _walk(root, name, wanted)
            elif not entry.name.startswith(".") and wanted.takes(name) and (_asked(entry.is_file)):
                yield name


def _asked(question: Callable[[], bool]) -> bool:
    """The answer; no where a link leads to itself."""
    try:
        return question()
    except OSError:
        return False


def _copy_telling(reader: BinaryIO, writer: BinaryIO, progress: Progress) -> None:
    done, total = 0, os.fstat(reader.fileno()).st_size
    while block := reader.read(_BLOCK):
        writer.write(block)
        done += len(block)
        progress(done, total)
