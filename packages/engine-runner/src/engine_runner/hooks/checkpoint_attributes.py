"""What MMEngine's checkpoint hook shows of its files to hooks that build on it."""

from __future__ import annotations

import warnings
from typing import Any

from engine_fileio import FileClient, get_file_backend
from engine_fileio.backends import BaseStorageBackend
from engine_logging import MessageHub
from engine_registry.overridable import overridable

__all__ = ["CheckpointAttributes"]


class CheckpointAttributes:
    """The files of a `CheckpointHook`, by MMEngine's names; a subclass may assign them."""

    out_dir: Any
    backend_args: dict[str, Any] | None
    file_client_args: dict[str, Any] | None
    key_indicators: list[str]

    _hub: MessageHub | None = None  # since the training has begun
    _rule_by_name: dict[str, str]

    def _info(self, key: str) -> Any:
        return None if self._hub is None else self._hub.get_info(key)

    @overridable
    def rules(self) -> list[str]:
        """For each metric that is watched, "greater" or "less"."""
        return [*self._rule_by_name.values()]

    @overridable
    def last_ckpt(self) -> str | None:
        """The address of the newest checkpoint."""
        found: str | None = self._info("last_ckpt")
        return found

    @overridable
    def best_ckpt_path(self) -> str | None:
        """The address of the best checkpoint, where one metric is watched."""
        found: str | None = self._info("best_ckpt")
        return found

    @overridable
    def best_ckpt_path_dict(self) -> dict[str, str | None]:
        """The address of the best checkpoint of each metric, where several are watched."""
        several = len(self.key_indicators) > 1
        return {name: self._info(f"best_ckpt_{name}") for name in self.key_indicators if several}

    @overridable
    def file_backend(self) -> BaseStorageBackend:
        """The back-end of the folder of checkpoints."""
        return get_file_backend(self.out_dir, backend_args=self.backend_args)

    @overridable
    def file_client(self) -> FileClient:
        """The same by MMEngine's former interface."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return FileClient.infer_client(self.file_client_args, self.out_dir)
