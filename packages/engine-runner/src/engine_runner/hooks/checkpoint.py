"""Saving checkpoints: regularly, and the best ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypedDict, Unpack

from engine_checkpoint import (
    CheckpointError,
    find_latest_checkpoint,
    on_main_rank,
    point_to,
)
from engine_dist import is_main_process
from engine_fileio import join_path
from engine_runner.hooks.best_checkpoint import (
    COMPARISONS,
    GREATER_KEYS,
    LESS_KEYS,
    WORST,
    rule_of,
    rules_of,
    watched,
)
from engine_runner.hooks.best_saving import SavesBest
from engine_runner.hooks.checkpoint_folder import CheckpointFolder
from engine_runner.hooks.retention import Retention, goes_on_here
from engine_runner.hooks.saving import Save, Saver, Write, changed_infos, publish_all
from engine_runner.protocols import RunnerLike
from engine_runner.state import check_clock

__all__ = ["CheckpointHook"]


class _Former(TypedDict, total=False):
    """Arguments of earlier versions of MMEngine."""

    create_symlink: bool  # of no effect: the file last_checkpoint names the newest


class CheckpointHook(CheckpointFolder, SavesBest):
    """Saves a checkpoint every few epochs or iterations, and whenever a metric is the best so far.

    An older checkpoint is removed only when a newer one is on the disk. If the disk or the network
    refuses one, that is logged, the training goes on, and the next one is due as ever; only if the
    last one is refused as well, also when it is tried again at the end, is that an error.

    Args:
        interval: epochs or iterations between checkpoints; -1 saves none but the last.
        by_epoch: which of the two is counted.
        save_optimizer: whether the optimizer's state is saved; a resume needs it.
        save_param_scheduler: whether the schedulers' state is saved; a resume needs it.
        out_dir: where they go, in a folder named as the work_dir; by default the work_dir.
        max_keep_ckpts: how many are kept; -1 keeps all.
        save_last: whether the end of the training is saved in any case, also of one that stops
            early.
        save_best: the metric to watch, several, or "auto" for the first one that a validation
            gives.
        rule: "greater" or "less", or one for each of ``save_best``; by default the name tells.
        greater_keys: parts of names that mean "greater", or one of them.
        less_keys: parts of names that mean "less", or one of them.
        file_client_args: MMEngine's former name of ``backend_args``.
        filename_tmpl: names of the files, with ``{}`` for the number.
        backend_args: of the storage of ``out_dir``.
        published_keys: what to keep of the last and the best checkpoints, in files for
            publication, written at the end.
        save_begin: no checkpoint before this epoch or iteration; the best ones are saved anyway.
        clock: with ``by_epoch=False``, what ``interval`` and ``save_begin`` count: "iteration", or
            "step", the optimizer's; files are named for the iteration either way. A checkpoint is
            then never in the middle of a window of accumulation.
        keep_every: beside the newest ``max_keep_ckpts``, those stay whose number is a multiple.
        keep_best: so many of the best so far stay, for each metric of ``save_best``.
        save_best_states: whether the best ones hold the states of optimizer, schedulers and random
            number generators as well, as ``save_optimizer`` and ``save_param_scheduler`` say, so
            that they can be resumed from. Without, they are weights and facts, a third as large.
        async_save: whether files are written beside the training, which stops only for a copy
            into the host's memory; one at a time.

    Raises:
        ValueError: arguments contradict each other.
        TypeError: one is of the wrong type.
    """

    priority = "VERY_LOW"
    rule_map: ClassVar[dict[str, Callable[[float, float], bool]]] = dict(COMPARISONS)
    init_value_map: ClassVar[dict[str, float]] = dict(WORST)
    _default_greater_keys: ClassVar[tuple[str, ...]] = GREATER_KEYS
    _default_less_keys: ClassVar[tuple[str, ...]] = LESS_KEYS

    def __init__(
        self,
        interval: int = -1,
        by_epoch: bool = True,
        save_optimizer: bool = True,
        save_param_scheduler: bool = True,
        out_dir: str | Path | None = None,
        max_keep_ckpts: int = -1,
        save_last: bool = True,
        save_best: str | list[str] | None = None,
        rule: str | list[str] | None = None,
        greater_keys: Sequence[str] | str | None = None,
        less_keys: Sequence[str] | str | None = None,
        file_client_args: dict[str, Any] | None = None,
        filename_tmpl: str | None = None,
        backend_args: dict[str, Any] | None = None,
        published_keys: str | list[str] | None = None,
        save_begin: int = 0,
        *,
        clock: str = "iteration",
        keep_every: int = 0,
        keep_best: int = 1,
        save_best_states: bool = False,
        async_save: bool = False,
        **kwargs: Unpack[_Former],
    ) -> None:
        self.args, _ = dict(kwargs), kwargs.pop("create_symlink", None)
        if kwargs:
            raise TypeError(f"CheckpointHook has no argument {', '.join(map(repr, kwargs))}")
        if file_client_args is not None and backend_args is not None:
            raise ValueError("CheckpointHook: file_client_args is the former name of backend_args")
        for name, number, least in (("save_begin", save_begin, 0), ("keep_best", keep_best, 1)):
            if number < least:
                raise ValueError(f"CheckpointHook: {name} must be at least {least}, got {number}")
        if keep_every and max_keep_ckpts < 1:
            raise ValueError("CheckpointHook: keep_every adds to max_keep_ckpts, which keeps all")
        self.clock = check_clock("CheckpointHook", clock)
        if by_epoch and clock == "step":
            raise ValueError('CheckpointHook: clock="step" counts no epochs: add by_epoch=False')
        self.interval, self.by_epoch = interval, by_epoch
        self.save_optimizer, self.save_param_scheduler = save_optimizer, save_param_scheduler
        self._asked_dir = out_dir
        self._is_training = False
        self.out_dir: Any = out_dir  # settled when the training begins
        self.max_keep_ckpts, self.save_last = max_keep_ckpts, save_last
        self.file_client_args = former = file_client_args
        self.backend_args = backend_args or former
        self.filename_tmpl = filename_tmpl or ("epoch_{}.pth" if by_epoch else "iter_{}.pth")
        self.published_keys, self._saved_at = published_keys, 0  # iterations of what was saved last
        self.save_begin, self.save_best, self.keep_best = save_begin, save_best, keep_best
        self.greater_keys = _several(greater_keys or self._default_greater_keys)
        self.less_keys = _several(less_keys or self._default_less_keys)
        self.keep_every, self.async_save = keep_every, async_save
        self.save_best_states, self._again, self._left = save_best_states, [], []
        self._own = set()
        self._retention = Retention(newest=max_keep_ckpts, every=keep_every)
        self._saver = Saver(in_background=async_save)
        self._failed: int | None = None  # the number of the checkpoint that couldn't be saved
        self.key_indicators = watched(save_best)
        self._rule_by_name = rules_of(self.key_indicators, rule, self._rule_of)

    def _rule_of(self, name: str) -> str:
        return rule_of(name, greater_keys=self.greater_keys, less_keys=self.less_keys)

    def before_train(self, runner: RunnerLike) -> None:
        """Settle where checkpoints go."""
        self._is_training, self._hub = True, runner.message_hub
        self._saved_at = runner.iter
        if self._asked_dir is None or str(self._asked_dir) == str(runner.work_dir):
            self.out_dir = runner.work_dir
        else:
            name = Path(runner.work_dir).name
            self.out_dir = join_path(str(self._asked_dir), name, backend_args=self.backend_args)
        self._goes_on = goes_on_here(runner, (self.out_dir, runner.work_dir))
        runner.strategy.check_address(str(self.out_dir), self.backend_args)
        on_main_rank(lambda: self._look_into(runner))
        runner.logger.info("Checkpoints will be saved to %s.", self.out_dir)

    def after_train_epoch(self, runner: RunnerLike) -> None:
        """Save, if it is time."""
        if self.by_epoch and (
            self.every_n_epochs(runner, self.interval, self.save_begin)
            or (self.save_last and self.is_last_train_epoch(runner))
        ):
            runner.logger.info("Saving checkpoint at %d epochs", runner.epoch + 1)
            self._save(runner, runner.epoch + 1)

    def after_train_iter(
        self,
        runner: RunnerLike,
        batch_idx: int,
        data_batch: Any = None,
        outputs: dict[str, Any] | None = None,
    ) -> None:
        """Save, if it is time."""
        if self.by_epoch:
            return
        every = self.every_n_steps if self.clock == "step" else self.every_n_train_iters
        if every(runner, self.interval, self.save_begin) or (
            self.save_last and self.is_last_train_iter(runner)
        ):
            runner.logger.info("Saving checkpoint at %d iterations", runner.iter + 1)
            self._save(runner, runner.iter + 1)

    def _save(self, runner: RunnerLike, step: int, meta: dict[str, Any] | None = None) -> None:
        """Save, say so in ``last_checkpoint``, and remove what is too old, in this order."""
        self._saver.settle(runner)
        name = self.filename_tmpl.format(step)
        address = self._in_folder(name)
        infos: dict[str, Any] = {"last_ckpt": address}
        if self.max_keep_ckpts > 0:
            infos["keep_ckpt_ids"] = self._retention.after(step)
        put_back = changed_infos(runner.message_hub, infos)
        self._failed = None

        def undo() -> None:
            self._failed = step
            put_back()

        def then() -> None:
            leaving = self._retention.add(step)  # counted first: a later one can still remove it
            point_to(address, runner.work_dir)
            for number in leaving:
                self._remove_numbered(number)

        by_epoch = self.by_epoch and meta is None
        write = partial(self._write, runner, name, by_epoch=by_epoch, meta=meta)
        if self._saver.save(runner, Save(address=address, write=write, then=then, undo=undo)):
            self._saved_at = runner.iter + (meta is None and not self.by_epoch)

    def _write(
        self,
        runner: RunnerLike,
        name: str,
        write: Write | None,
        *,
        by_epoch: bool,
        meta: dict[str, Any] | None = None,
        with_states: bool = True,
    ) -> None:
        more: dict[str, Any] = {} if write is None else {"write": write}
        if not with_states:
            more["save_random_states"] = False
        runner.save_checkpoint(
            str(self.out_dir),
            name,
            save_optimizer=self.save_optimizer and with_states,
            save_param_scheduler=self.save_param_scheduler and with_states,
            meta=meta,
            by_epoch=by_epoch,
            backend_args=self.backend_args,
            **more,
        )

    def after_train(self, runner: RunnerLike) -> None:
        """Wait for what is being written, try again what failed last, and publish.

        Raises:
            CheckpointError: the last checkpoint couldn't be saved.
        """
        self._is_training = False
        self._saver.settle(runner)
        self.after_val(runner)
        has_stopped = getattr(runner.train_loop, "stop_training", False)
        if has_stopped and self.save_last and self._saved_at != runner.iter:
            number = runner.epoch if self.by_epoch else runner.iter
            runner.logger.info("Saving checkpoint where the training has stopped")
            self._save(runner, number, meta={"epoch": runner.epoch, "iter": runner.iter})
            self._saver.settle(runner)
        if self._failed is not None:
            self._save(runner, self._failed, meta={"epoch": runner.epoch, "iter": runner.iter})
            self._saver.settle(runner)
        if is_main_process():
            self._prune(runner)
        if self._failed is not None:
            address = self._in_folder(self.filename_tmpl.format(self._failed))
            raise CheckpointError(
                f"the training is finished, but its last checkpoint {address} couldn't be saved: "
                "see the log for the reason. What was saved before is still there"
            )
        if self.published_keys is not None and is_main_process():
            hub = runner.message_hub
            best = [hub.get_info(self._best_key(name, "ckpt")) for name in self.key_indicators]
            latest = find_latest_checkpoint(runner.work_dir) if self.save_last else None
            publish_all(
                [
                    latest,
                    *(each for each in best if isinstance(each, str) and self._has_written(each)),
                ],
                self.published_keys,
                runner,
            )

    def wait_for_saves(self, runner: RunnerLike) -> None:
        """Let what is being written be finished, before another hook saves."""
        self._saver.settle(runner)

    def on_failure(self, runner: RunnerLike, error: BaseException) -> None:
        """Let what is being written be finished."""
        self._saver.wait()


def _several(keys: Sequence[str] | str) -> tuple[str, ...]:
    return (keys,) if isinstance(keys, str) else tuple(keys)
