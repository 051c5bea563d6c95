"""Saving checkpoints: regularly, and the best ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from engine_dist import is_main_process
from engine_fileio import isfile, join_path, put_text, remove
from engine_runner.checkpoint import (
    LAST,
    CheckpointError,
    find_latest_checkpoint,
    publish_model,
)
from engine_runner.hooks.best import COMPARISONS, GREATER_KEYS, LESS_KEYS, WORST, rule_of
from engine_runner.hooks.hook import Hook
from engine_runner.loaders import is_skipped
from engine_runner.protocols import RunnerLike
from engine_runner.state import check_clock

__all__ = ["CheckpointHook"]


class CheckpointHook(Hook):
    """Saves a checkpoint every few epochs or iterations, and whenever a metric is the best so far.

    An older checkpoint is removed only when a newer one is on the disk.

    Args:
        interval: epochs or iterations between checkpoints; -1 saves none but the last.
        by_epoch: which of the two is counted.
        save_optimizer: whether the optimizer's state is saved; a resume needs it.
        save_param_scheduler: whether the schedulers' state is saved; a resume needs it.
        out_dir: where they go, in a folder named as the work_dir; by default the work_dir.
        max_keep_ckpts: how many are kept; -1 keeps all.
        save_last: whether the end of the training is saved in any case.
        save_best: the metric to watch, several, or "auto" for the first one that a validation
            gives.
        rule: "greater" or "less", or one for each of ``save_best``; by default the name tells.
        greater_keys: parts of names that mean "greater"; beside MMEngine's.
        less_keys: parts of names that mean "less"; beside MMEngine's.
        file_client_args: MMEngine's former name of ``backend_args``.
        filename_tmpl: names of the files, with ``{}`` for the number.
        backend_args: of the storage of ``out_dir``.
        published_keys: what to keep of the last and the best checkpoints, in files for
            publication, written at the end.
        save_begin: no checkpoint before this epoch or iteration; the best ones are saved anyway.
        clock: with ``by_epoch=False``, what ``interval`` and ``save_begin`` count: "iteration", or
            "step", the optimizer's; files are named for the iteration either way. A checkpoint is
            then never in the middle of a window of accumulation.

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
        greater_keys: Sequence[str] | None = None,
        less_keys: Sequence[str] | None = None,
        file_client_args: dict[str, Any] | None = None,
        filename_tmpl: str | None = None,
        backend_args: dict[str, Any] | None = None,
        published_keys: str | list[str] | None = None,
        save_begin: int = 0,
        *,
        clock: str = "iteration",
        **kwargs: Any,
    ) -> None:
        kwargs.pop("create_symlink", None)  # what it was for is the file last_checkpoint
        if kwargs:
            raise TypeError(f"CheckpointHook has no argument {', '.join(map(repr, kwargs))}")
        if file_client_args is not None and backend_args is not None:
            raise ValueError("CheckpointHook: file_client_args is the former name of backend_args")
        if save_begin < 0:
            raise ValueError(f"CheckpointHook: save_begin must not be negative, got {save_begin}")
        self.clock = check_clock("CheckpointHook", clock)
        if by_epoch and clock == "step":
            raise ValueError('CheckpointHook: clock="step" counts no epochs: add by_epoch=False')
        self.interval = interval
        self.by_epoch = by_epoch
        self.save_optimizer = save_optimizer
        self.save_param_scheduler = save_param_scheduler
        self._asked_dir = out_dir
        self._is_training = False
        self.out_dir: Any = out_dir  # settled when the training begins
        self.max_keep_ckpts = max_keep_ckpts
        self.save_last = save_last
        self.backend_args = backend_args or file_client_args
        self.filename_tmpl = filename_tmpl or ("epoch_{}.pth" if by_epoch else "iter_{}.pth")
        self.published_keys = published_keys
        self.save_begin = save_begin
        self.save_best = save_best
        self.greater_keys = (*(greater_keys or self._default_greater_keys),)
        self.less_keys = (*(less_keys or self._default_less_keys),)
        self.key_indicators = _names(save_best)
        self.rules = self._rules(rule)

    def _rules(self, rule: str | list[str] | None) -> dict[str, str]:
        """For each watched metric which is better; of "auto" it is known when it has a name."""
        names = self.key_indicators
        if rule is not None and not names:
            raise ValueError("CheckpointHook: rule needs save_best, which says what is compared")
        rules = [*rule] if isinstance(rule, list) else [rule] * len(names)
        if len(rules) != len(names):
            raise ValueError(
                f"CheckpointHook: {len(names)} metrics of save_best, but {len(rules)} of rule"
            )
        if "auto" in names and len(names) > 1:
            raise ValueError('CheckpointHook: save_best="auto" stands alone')
        for each in rules:
            if each is not None and each not in self.rule_map:
                raise ValueError(f"CheckpointHook: rule is 'greater' or 'less', got {each!r}")
        found = {}
        for name, given in zip(names, rules, strict=True):
            if given is not None:
                found[name] = given
            elif name != "auto":
                found[name] = self._rule_of(name)
        return found

    def _rule_of(self, name: str) -> str:
        return rule_of(name, greater_keys=self.greater_keys, less_keys=self.less_keys)

    def before_train(self, runner: RunnerLike) -> None:
        """Settle where checkpoints go."""
        self._is_training = True
        if self._asked_dir is None or str(self._asked_dir) == str(runner.work_dir):
            self.out_dir = runner.work_dir
        else:
            name = Path(runner.work_dir).name
            self.out_dir = join_path(str(self._asked_dir), name, backend_args=self.backend_args)
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

    def _save(self, runner: RunnerLike, step: int) -> None:
        """Save, say so in ``last_checkpoint``, and remove what is too old, in this order."""
        name = self.filename_tmpl.format(step)
        address = join_path(str(self.out_dir), name, backend_args=self.backend_args)
        hub = runner.message_hub
        kept = [*(hub.get_info("keep_ckpt_ids") or [])]
        kept = [each for each in kept if each != step] + [step]
        too_old = kept[: -self.max_keep_ckpts] if self.max_keep_ckpts > 0 else []
        if self.max_keep_ckpts > 0:
            hub.update_info("keep_ckpt_ids", kept[len(too_old) :])
        hub.update_info("last_ckpt", address)
        self._write(runner, name, by_epoch=self.by_epoch)
        if is_main_process():
            put_text(address, join_path(runner.work_dir, LAST))
            for each in too_old:
                old = self.filename_tmpl.format(each)
                self._remove(join_path(str(self.out_dir), old, backend_args=self.backend_args))

    def _write(
        self, runner: RunnerLike, name: str, *, by_epoch: bool, meta: dict[str, Any] | None = None
    ) -> None:
        runner.save_checkpoint(
            str(self.out_dir),
            name,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=by_epoch,
            backend_args=self.backend_args,
        )

    def _remove(self, address: str) -> None:
        if isfile(address, backend_args=self.backend_args):
            remove(address, backend_args=self.backend_args)

    def after_val_epoch(self, runner: RunnerLike, metrics: dict[str, float] | None = None) -> None:
        """Save, if a watched metric is the best so far in this training."""
        if not self.key_indicators or not self._is_training:
            return
        if not metrics:
            runner.logger.warning(
                "save_best=%r: the validation gave no metrics, so none is the best", self.save_best
            )
            return
        names = self.key_indicators
        if names == ["auto"]:
            name = next(iter(metrics))
            self.rules.setdefault(name, self.rules.get("auto") or self._rule_of(name))
            names = self.key_indicators = [name]
        for name in names:
            self._compare(runner, name, metrics)

    def _compare(self, runner: RunnerLike, name: str, metrics: dict[str, float]) -> None:
        if name not in metrics:
            if is_skipped(getattr(runner, "val_dataloader", None), name):
                return
            raise KeyError(
                f"save_best={name!r}: the validation gave no metric of this name, but "
                f"{sorted(metrics)}"
            )
        value = metrics[name]
        hub, rule = runner.message_hub, self.rules[name]
        score_key, file_key = self._best_key(name, "score"), self._best_key(name, "ckpt")
        best = hub.get_info(score_key, self.init_value_map[rule])
        if value is None or not self.rule_map[rule](value, best):
            return
        unit, number = ("epoch", runner.epoch) if self.by_epoch else ("iter", runner.iter)
        file = f"best_{name}_{self.filename_tmpl.format(number)}".replace("/", "_")
        address = join_path(str(self.out_dir), file, backend_args=self.backend_args)
        before = hub.get_info(file_key)
        hub.update_info(score_key, value)
        hub.update_info(file_key, address)
        meta = {"epoch": runner.epoch, "iter": runner.iter}
        self._write(runner, file, by_epoch=False, meta=meta)
        if before and before != address and is_main_process():
            self._remove(before)
        runner.logger.info(
            "The best checkpoint with %0.4f %s at %d %s is saved to %s.",
            *(value, name, number, unit, file),
        )

    def _best_key(self, name: str, what: str) -> str:
        """The hub's key of a metric's best score or file: with its name if there are several."""
        return f"best_{what}" if len(self.key_indicators) == 1 else f"best_{what}_{name}"

    def after_train(self, runner: RunnerLike) -> None:
        """Write the files for publication, if there are to be any."""
        self._is_training = False
        if self.published_keys is None or not is_main_process():
            return
        hub = runner.message_hub
        found = [find_latest_checkpoint(runner.work_dir)]
        found += [hub.get_info(self._best_key(name, "ckpt")) for name in self.key_indicators]
        for address in filter(None, found):
            try:
                published = publish_model(address, self.published_keys)
            except CheckpointError as error:  # no reason to let a finished training fail
                runner.logger.warning("nothing to publish: %s", error)
            else:
                runner.logger.info("The checkpoint for publication is %s", published)


def _names(save_best: str | list[str] | None) -> list[str]:
    if save_best is None:
        return []
    names = [save_best] if isinstance(save_best, str) else list(save_best)
    if len(set(names)) != len(names) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"CheckpointHook: save_best must be names of metrics, got {save_best!r}")
    return names
