"""Store protocol: what operations on folders ask of a back-end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeAlias

from engine_fileio.address import Address

__all__ = ["Progress", "Store", "Suffix"]

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called during a long transfer with the bytes done so far and the bytes in all, if known."""

Suffix: TypeAlias = str | tuple[str, ...] | None


class Store(Protocol):
    """A back-end, as far as its folders are made of what it does with single files."""

    @property
    def workers(self) -> int:
        """How many files of a folder travel at a time."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    def exists(self, filepath: Address) -> bool:
        """Whether there is a file or folder."""

    def isdir(self, filepath: Address) -> bool:
        """Whether there is a folder."""

    def join_path(self, filepath: Address, *filepaths: Address) -> str:
        """Join the parts of an address."""

    def list_dir_or_file(
        self,
        dir_path: Address,
        list_dir: bool = True,
        list_file: bool = True,
        suffix: Suffix = None,
        recursive: bool = False,
    ) -> Iterator[str]:
        """Yield what is in a folder."""

    def remove(self, filepath: Address) -> None:
        """Remove a file."""

    def copy(self, src: Address, target: Address) -> None:
        """Copy a file within the store."""

    def upload(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Copy a local file to the store."""

    def download(self, src: Address, target: Address, *, progress: Progress | None = None) -> None:
        """Copy a file to this machine."""
