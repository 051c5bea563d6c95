"""Allowed folders: what one load may read, all or what belongs to the first file's project."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine_config.errors import ConfigNotFoundError, UntrustedConfigError

__all__ = ["AllowedFolders", "is_file", "resolved"]


def resolved(path: Path) -> Path:
    """Return ``path`` without links and dots.

    Raises:
        ConfigNotFoundError: no file can have this name.
    """
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise ConfigNotFoundError(
            f"this is no name of a file: {error}", f"{str(path)!r:.200}"
        ) from error


def is_file(path: Path) -> bool:
    """Whether a file is there; no where no file can have the name."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


class AllowedFolders:
    """The folders from which configurations are read.

    Args:
        folders: these and what is below them; None for all.
    """

    def __init__(self, folders: Iterable[Path] | None = None) -> None:
        self._folders = None if folders is None else [resolved(folder) for folder in folders]

    @property
    def is_bounded(self) -> bool:
        """Whether there are folders that are not read from."""
        return self._folders is not None

    def add(self, folder: Path) -> None:
        """Let what is below a folder be read, too."""
        if self._folders is not None:
            self._folders.append(resolved(folder))

    def check(self, path: Path) -> Path:
        """Return ``path`` resolved, if it may be read.

        Raises:
            UntrustedConfigError: it lies in no folder that is read from.
        """
        found = resolved(path)
        if self._folders is None or any(found.is_relative_to(each) for each in self._folders):
            return found
        shown = ", ".join(map(str, self._folders)) or "no folder"
        raise UntrustedConfigError(
            "a file that is read with trust=False inherits from its own folder, what is below, and "
            f"installed distributions; this is in none of them ({shown}). If it belongs to the "
            f"project, name its folder: base_folders=[{str(found.parent)!r}]",
            str(path),
        )

    def beside(self, reference: str, file: str) -> Path:
        """Return the path that a file means by ``reference``, if it may be read.

        Args:
            reference: relative to the folder of the file, or absolute.
            file: its path; none is a text, in the current folder.

        Raises:
            UntrustedConfigError: it lies in no folder that is read from.
        """
        folder = Path(file).parent if file else Path()
        if not self.is_bounded:
            return folder / Path(reference).expanduser()
        path = folder / reference
        self.check(path)
        return path
