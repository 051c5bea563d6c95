"""Saving the best checkpoints, by the metrics of validations."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Final

from engine_runner.hooks.best_checkpoint import COMPARISONS, WORST, among_the_best, are_ranked
from engine_runner.hooks.hook import Hook
from engine_runner.hooks.retention import name_of
from engine_runner.hooks.runtime_info import is_number
from engine_runner.hooks.saving import Save, Saver, changed_infos
from engine_runner.loaders import is_skipped
from engine_runner.protocols import RunnerLike

__all__ = ["SavesBest"]

# What a metric such as mAP@0.5:0.95 may have in its name, and a file may not.
_NOT_IN_FILES: Final = re.compile(r'[/\\:*?"<>|]' if sys.platform == "win32" else "/")


class SavesBest(Hook):
    """The part of `CheckpointHook` that watches metrics."""

    rule_map: ClassVar[dict[str, Callable[[float, float], bool]]] = dict(COMPARISONS)
    init_value_map: ClassVar[dict[str, float]] = dict(WORST)

    save_best: Any
    keep_best: int
    save_best_states: bool
    by_epoch: bool
    async_save: bool
    filename_tmpl: str
    key_indicators: list[str]

    _rule_by_name: dict[str, str]
    _saver: Saver
    _is_training: bool
    _again: list[tuple[str, float]]  # the best ones that couldn't be saved
    _left: list[str]  # addresses of those that are to be removed
    _own: set[str]  # names of those that this training has written
    _goes_on = True  # whether it goes on in the folder in which it began
    _best_is_new = False  # whether a best one may still be being written

    # What the rest of the hook does.
    _rule_of: Callable[[str], str]
    _in_folder: Callable[[str], str]
    _remove: Callable[[str], None]
    _write: Callable[..., None]

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
            rules = self._rule_by_name
            self._rule_by_name = {name: rules.get(name) or rules.get("auto") or self._rule_of(name)}
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
        if self._best_is_new:  # until then the hub may say what isn't so
            self._best_is_new = False
            self._saver.settle(runner)
        value = metrics[name]
        if value is not None:
            self._keep_if_good(runner, name, value)

    def _keep_if_good(self, runner: RunnerLike, name: str, value: float) -> None:
        hub, better = runner.message_hub, self.rule_map[self._rule_by_name[name]]
        keys = [self._best_key(name, what) for what in ("score", "ckpt", "kept")]
        score_key, file_key, kept_key = keys
        worst = self.init_value_map[self._rule_by_name[name]]
        best, before = hub.get_info(score_key, worst), hub.get_info(file_key)
        if not is_number(best) or not isinstance(before, str | None):  # of a damaged checkpoint
            best, before = worst, None
        unit, number = ("epoch", runner.epoch) if self.by_epoch else ("iter", runner.iter)
        file = _NOT_IN_FILES.sub("_", f"best_{name}_{self.filename_tmpl.format(number)}")
        address = self._in_folder(file)
        kept = hub.get_info(kept_key)
        if not kept or not are_ranked(kept):
            kept = [[best, before]] if before else []
        ranked = among_the_best(kept, [value, address], better, number=self.keep_best)
        if ranked is None:
            return
        self._saver.settle(runner)
        changes = {score_key: value, file_key: address} if better(value, best) else {}
        changes |= {kept_key: ranked[0]} if self.keep_best > 1 else {}
        put_back = changed_infos(hub, changes)
        which = "The best checkpoint" if score_key in changes else "One of the best checkpoints"

        def then() -> None:
            self._own.add(file)
            self._left += [old for _, old in ranked[1]]
            self._remove_left()
            runner.logger.info(
                f"{which} with %0.4f %s at %d %s is saved to %s.",
                *(value, name, number, unit, file),
            )

        meta = {"epoch": runner.epoch, "iter": runner.iter}
        write = partial(
            self._write,
            *(runner, file),
            by_epoch=False,
            meta=meta,
            with_states=self.save_best_states,
        )
        is_saved = self._saver.save(
            runner, Save(address=address, write=write, then=then, undo=put_back)
        )
        self._best_is_new = is_saved and self.async_save
        if not is_saved:
            self._again.append((name, value))

    def _remove_left(self) -> None:
        """Remove those that are no longer among the best; what fails is left for the next time.

        A checkpoint says which they were, perhaps a stranger's: they are in this folder, by name,
        and this training has written them, or goes on here.
        """
        for address in [*self._left]:
            name = name_of(address, "best_")
            if name and (name in self._own or self._goes_on):
                self._remove(self._in_folder(name))
            self._left.remove(address)

    def after_val(self, runner: RunnerLike) -> None:
        """Try again what of the best ones couldn't be saved: the weights are still the same."""
        again, self._again = self._again, []
        for name, value in again:
            self._keep_if_good(runner, name, value)

    def _best_key(self, name: str, what: str) -> str:
        """The hub's key of a metric's best score or file: with its name if there are several."""
        return f"best_{what}" if len(self.key_indicators) == 1 else f"best_{what}_{name}"
