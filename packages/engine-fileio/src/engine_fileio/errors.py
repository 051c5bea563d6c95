"""Errors of this package. Each is also the built-in that a caller would expect to catch."""

from __future__ import annotations

import errno
import io
import os

from engine_fileio.address import shown


class UnknownBackendError(KeyError, ValueError):
    """No back-end goes by the name or prefix that was asked for."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would show the message in quotes


class UnsupportedError(io.UnsupportedOperation):
    """The back-end cannot do this at all, whatever the address (an ``OSError``)."""


class MissingPackageError(ImportError):
    """An optional package is not installed; the message has the command that installs it."""


class RemoteError(OSError):
    """A server answered with an error that no built-in exception describes."""


class UnreachableError(ConnectionError):
    """A server could not be reached, or went silent, until the last retry."""


class ConflictError(OSError):
    """Somebody else has written a file since its version was looked up."""


class NoFolderError(FileExistsError, NotADirectoryError):
    """A folder is wanted where a file is; systems say either, by how deep the path goes on."""


class TooLargeError(OSError):
    """A file is larger than the limit that was set."""


class UntrustedError(ValueError):
    """Reading this would execute code from a place that was not said to be trusted."""


class UnknownFormatError(TypeError, ValueError):
    """No handler is registered for a file format."""


def no_such_file(filepath: str | os.PathLike[str], what: str = "no such file") -> FileNotFoundError:
    """The error for an address where nothing is."""
    return FileNotFoundError(errno.ENOENT, what, shown(filepath))


def is_folder(filepath: str | os.PathLike[str]) -> IsADirectoryError:
    """The error for a folder where a file was meant."""
    return IsADirectoryError(errno.EISDIR, "a folder; rmtree removes it", shown(filepath))


def already_there(filepath: str | os.PathLike[str], version: str = "") -> FileExistsError:
    """The error for a file that was not to be overwritten; ``version`` is that of the winner."""
    message = "the file exists, and overwrite is False"
    told = f"{message} (its version is {version})" if version else message
    return FileExistsError(errno.EEXIST, told, shown(filepath))


def changed(filepath: str | os.PathLike[str], *, wanted: str, found: str) -> ConflictError:
    """The error for a file that is of another version than the one that was to be replaced."""
    message = f"somebody else has written the file: version {wanted} was to be replaced, it is now"
    return ConflictError(errno.EAGAIN, f"{message} {found}; read it again", shown(filepath))
