"""Copies of files and folders between stores and this machine."""

from __future__ import annotations

from pathlib import Path

from engine_fileio.address import Address, shown
from engine_fileio.backends.registry import backend_for, is_one_store
from engine_fileio.backends.store import Progress
from engine_fileio.io import Args

__all__ = [
    "copy_if_symlink_fails",
    "copyfile",
    "copyfile_from_local",
    "copyfile_to_local",
    "copytree",
    "copytree_from_local",
    "copytree_to_local",
]


def copyfile(src: Address, dst: Address, backend_args: Args = None) -> str | Path:
    """Copy a file within one store and return where it now is.

    Into a folder that exists it is copied under its own name.

    Raises:
        shutil.SameFileError: ``src`` and ``dst`` are the same.
        ValueError: they are in different stores.
    """
    _must_be_one_store(src, dst, backend_args)
    return backend_for(src, backend_args).copyfile(src, dst)


def copytree(src: Address, dst: Address, backend_args: Args = None) -> str | Path:
    """Copy a folder within one store and return ``dst``.

    Raises:
        FileExistsError: ``dst`` exists.
        ValueError: they are in different stores.
    """
    _must_be_one_store(src, dst, backend_args)
    return backend_for(src, backend_args).copytree(src, dst)


def copyfile_from_local(
    src: Address, dst: Address, backend_args: Args = None, *, progress: Progress | None = None
) -> str | Path:
    """Copy a local file to ``dst`` and return where it now is.

    Args:
        src: path of the file.
        dst: address, or a folder.
        backend_args: of the back-end that writes.
        progress: called with the bytes done so far, and in all.
    """
    keywords = {"progress": progress} if progress else {}
    return backend_for(dst, backend_args).copyfile_from_local(src, dst, **keywords)


def copytree_from_local(
    src: Address, dst: Address, backend_args: Args = None, *, progress: Progress | None = None
) -> str | Path:
    """Copy a local folder to ``dst`` and return ``dst``.

    Args:
        src: path of the folder.
        dst: address, where nothing is yet.
        backend_args: of the back-end that writes.
        progress: called with the bytes done so far, and in all.

    Raises:
        FileExistsError: ``dst`` exists.
    """
    keywords = {"progress": progress} if progress else {}
    return backend_for(dst, backend_args).copytree_from_local(src, dst, **keywords)


def copyfile_to_local(
    src: Address, dst: Address, backend_args: Args = None, *, progress: Progress | None = None
) -> str | Path:
    """Copy a file to a local path, whole or not at all, and return where it now is.

    Args:
        src: address of the file.
        dst: path, or a folder.
        backend_args: of the back-end that reads.
        progress: called with the bytes done so far, and in all (None if unknown).
    """
    keywords = {"progress": progress} if progress else {}
    return backend_for(src, backend_args).copyfile_to_local(src, dst, **keywords)


def copytree_to_local(
    src: Address, dst: Address, backend_args: Args = None, *, progress: Progress | None = None
) -> str | Path:
    """Copy a folder to a local path and return ``dst``.

    Args:
        src: address of the folder.
        dst: path of the copy.
        backend_args: of the back-end that reads.
        progress: called with the bytes done so far, and None: nobody has counted them.
    """
    keywords = {"progress": progress} if progress else {}
    return backend_for(src, backend_args).copytree_to_local(src, dst, **keywords)


def copy_if_symlink_fails(src: Address, dst: Address, backend_args: Args = None) -> bool:
    """Link ``dst`` to ``src``, or copy where links cannot be. Return whether it is a link.

    Raises:
        ValueError: they are in different stores.
    """
    _must_be_one_store(src, dst, backend_args)
    return backend_for(src, backend_args).copy_if_symlink_fails(src, dst)


def _must_be_one_store(src: Address, dst: Address, backend_args: Args) -> None:
    if is_one_store(src, dst, backend_args):
        return
    raise ValueError(
        f"{shown(src)!r} and {shown(dst)!r} are in different stores: "
        f"use copyfile_to_local or copyfile_from_local (copytree_...)"
    )
