"""How a hook saves: now or beside the training, which a failing disk doesn't end."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine_checkpoint import Background, CheckpointError, Snapshots, publish_model
from engine_checkpoint.recursion import room_for_nesting
from engine_dist import broadcast_object_list, is_main_process
from engine_logging import MessageHub
from engine_runner.protocols import RunnerLike

__all__ = ["Save", "Saver", "Write", "changed_infos", "publish_all"]

Write = Callable[[dict[str, Any], str, dict[str, Any] | None], None]


@dataclass(frozen=True, kw_only=True)
class Save:
    """One checkpoint to be written.

    Attributes:
        address: its address.
        write: lets the runner write it, with something else than the strategy's writing if given.
        then: what follows on the main rank when it is on the disk.
        undo: what follows on every rank when it couldn't be written.
    """

    address: str
    write: Callable[[Write | None], None]
    then: Callable[[], None]
    undo: Callable[[], None]


class Saver:
    """Writes checkpoints; what the disk or the network refuses is told, and undone.

    Args:
        in_background: whether to write beside the training, from a copy in the host's memory.
    """

    def __init__(self, *, in_background: bool) -> None:
        self._background = Background() if in_background else None
        self._snapshots = Snapshots()
        self._pending: Save | None = None

    def save(self, runner: RunnerLike, save: Save) -> bool:
        """Write a checkpoint, or begin to; return False on all ranks if it failed at once."""
        self.settle(runner)  # the copy of the one before is overwritten
        try:
            background = self._background
            save.write(None if background is None else self._begin(runner, save, background))
        except OSError as error:
            _tell(runner, save.address, error)
            save.undo()
            return False
        if self._background is not None:
            self._pending = save
        elif is_main_process():
            _follow(runner, save)
        return True

    def settle(self, runner: RunnerLike) -> bool:
        """Wait for what is being written; return False on all ranks if it failed.

        Every rank has to call it.

        Raises:
            BaseException: it failed with what is no matter of the disk or the network.
        """
        if self._pending is None or self._background is None:
            return True
        save, self._pending = self._pending, None
        error = self._background.wait()
        failed = [error is not None]
        broadcast_object_list(failed)
        if failed[0]:
            save.undo()
        if error is not None and not isinstance(error, OSError):
            raise error
        return not failed[0]

    def wait(self) -> None:
        """Wait for what is being written; for the end of a training that has failed."""
        if self._background is not None:
            self._background.wait()
            self._pending = None

    def _begin(self, runner: RunnerLike, save: Save, background: Background) -> Write:
        """What begins to write, and returns when the training may change its tensors again."""

        def begin(
            checkpoint: dict[str, Any], address: str, backend_args: dict[str, Any] | None
        ) -> None:
            write = runner.strategy.stage(
                checkpoint, address, backend_args, snapshots=self._snapshots
            )

            def job() -> None:
                try:
                    with room_for_nesting():  # of this thread
                        write()
                except OSError as error:
                    _tell(runner, save.address, error)
                    raise
                if is_main_process():
                    _follow(runner, save)

            background.start(job)

        return begin


def _follow(runner: RunnerLike, save: Save) -> None:
    try:
        save.then()
    except OSError as error:
        runner.logger.warning(
            "%s is saved, but what follows failed (%s): older ones stay", save.address, error
        )


def _tell(runner: RunnerLike, address: str, error: OSError) -> None:
    runner.logger.warning(
        "could not save %s: %s%s. The training goes on; what was saved before stays, and the next "
        "attempt comes with the next checkpoint",
        *(address, error, _free(address)),
    )


def _free(address: str) -> str:
    """How much space there is where a local address is."""
    folder = address.replace("\\", "/").rpartition("/")[0]
    try:
        return (
            f" ({shutil.disk_usage(folder).free / 1e9:.3g} GB free)" if "://" not in address else ""
        )
    except OSError:
        return ""


def publish_all(addresses: list[Any], keys: str | list[str], runner: RunnerLike) -> None:
    """Write what is to be kept of checkpoints into files for publication."""
    for address in filter(None, addresses):
        try:
            published = publish_model(address, keys)
        except CheckpointError as error:  # no reason to let a finished training fail
            runner.logger.warning("nothing to publish: %s", error)
        else:
            runner.logger.info("The checkpoint for publication is %s", published)


def changed_infos(hub: MessageHub, infos: dict[str, Any]) -> Callable[[], None]:
    """Change what a hub holds, and return what puts it back."""
    before = {key: hub.get_info(key) for key in infos}
    hub.update_info_dict(infos)

    def put_back() -> None:
        for key, value in before.items():
            if value is None:
                hub.pop_info(key)
            else:
                hub.update_info(key, value)

    return put_back
