"""From histories of scalars to log lines."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import torch

from engine_dist import all_reduce, is_distributed
from engine_dist.accelerator import get_device, max_memory_mb
from engine_runner.loaders import is_skipped, num_batches, set_name_of
from engine_runner.logs.custom import CustomScalars
from engine_runner.protocols import RunnerLike

__all__ = ["LogProcessor"]

_TIMES = ("time", "data_time")


class LogProcessor:
    """Makes log lines, and scalars to draw, from the histories in the message hub.

    Args:
        window_size: mean over so many iterations, those of an epoch before among them.
        by_epoch: whether lines count within the epoch, or over the whole training.
        custom_cfg: further statistics: each with ``data_src``, the scalar, ``method_name``, a
            statistic of `HistoryBuffer`, and optionally ``log_name``, by default that of the scalar
            which it then replaces, and ``window_size``: a number, "epoch" or, by default,
            "global". They come in whatever mode has such a scalar.
        num_digits: decimals in a line.
        log_with_hierarchy: whether scalars to draw are called ``train/loss`` rather than ``loss``.
        mean_pattern: scalars with such a name are averaged; of others, and of a validation's or
            test's metrics, the latest value is taken.

    Raises:
        ValueError: ``custom_cfg`` names something twice, or an "epoch" without ``by_epoch``.
        TypeError: ``custom_cfg`` is of the wrong form.
    """

    def __init__(
        self,
        window_size: int = 10,
        by_epoch: bool = True,
        custom_cfg: list[dict[str, Any]] | None = None,
        num_digits: int = 4,
        log_with_hierarchy: bool = False,
        mean_pattern: str = r".*(loss|time|data_time|grad_norm).*",
    ) -> None:
        self.window_size = window_size
        self.by_epoch = by_epoch
        self.custom_cfg = custom_cfg or []
        self.num_digits = num_digits
        self.log_with_hierarchy = log_with_hierarchy
        self.mean_pattern = re.compile(mean_pattern)
        self._custom = CustomScalars(self.custom_cfg, by_epoch=by_epoch)
        self._device = ""
        self._averaged: dict[str, bool] = {}

    def get_log_after_iter(
        self, runner: RunnerLike, batch_idx: int, mode: str
    ) -> tuple[dict[str, Any], str]:
        """Return the scalars, by name, and the line.

        Args:
            runner: the runner.
            batch_idx: the present batch of the epoch, from 0.
            mode: "train", "val" or "test".
        """
        number = self._number(runner, batch_idx, mode)
        scalars = self._scalars(runner, batch_idx, mode)
        tag = {self._tag_name(key, mode): value for key, value in scalars.items()}
        digits = self.num_digits
        rates = [f"{k}: {v:.{digits}e}" for k, v in scalars.items() if _is_rate(k)]
        parts = [" ".join(rates)] if mode == "train" else [self._set_named(runner, mode)]
        eta = runner.message_hub.get_info("eta")
        if eta is not None:
            parts.append(f"eta: {timedelta(seconds=int(eta))}")
        parts += [self._shown(key, scalars[key]) for key in _TIMES if key in scalars]
        memory = self._memory()
        if memory is not None:
            parts.append(f"memory: {memory}")
            tag["memory"] = memory
        if mode == "train":
            rest = (key for key in scalars if key not in _TIMES and not _is_rate(key))
            parts += [self._shown(key, scalars[key]) for key in rest]
            if self.by_epoch:
                tag["epoch"] = runner.epoch + 1
            tag["iter"] = runner.iter + 1
        head = "Epoch" if self.by_epoch else "Iter"
        return tag, f"{head}({mode}) {number}  " + "  ".join(parts)

    def get_log_after_epoch(
        self, runner: RunnerLike, batch_idx: int, mode: str, with_non_scalar: bool = False
    ) -> tuple[dict[str, Any], str]:
        """Return a validation's or test's numbers, by name, and the line.

        Args:
            runner: the runner.
            batch_idx: how many batches there were.
            mode: "val" or "test".
            with_non_scalar: whether metrics that are no numbers are returned, too.
        """
        scalars = self._scalars(runner, batch_idx - 1, mode, whole=True)
        self._custom.warn_of_missing(runner.message_hub)
        head = f"{mode}/"
        infos = runner.message_hub.runtime_info
        texts = {k[len(head) :]: v for k, v in infos.items() if k.startswith(head)}
        loader = getattr(self._get_cur_loop(runner, mode), "dataloader", None)
        texts = {key: value for key, value in texts.items() if not is_skipped(loader, key)}
        scalars = {key: value for key, value in scalars.items() if not is_skipped(loader, key)}
        metrics = {key: value for key, value in scalars.items() if key not in _TIMES}
        times = {key: value for key, value in scalars.items() if key in _TIMES}
        shown = {self._tag_name(k, mode): v for k, v in {**metrics, **texts, **times}.items()}
        tag = {self._tag_name(k, mode): v for k, v in {**metrics, **times}.items()}
        length = self._get_dataloader_size(runner, mode) or batch_idx
        number = f"[{length}/{length}]"
        if mode == "val" and self.by_epoch:
            number = f"[{runner.epoch}]{number}"
        what = "Epoch" if self.by_epoch else "Iter"
        parts = [self._shown(key, value) for key, value in shown.items()]
        line = f"{what}({mode}) {number}    " + "  ".join(parts)
        return shown if with_non_scalar else tag, line

    def _number(self, runner: RunnerLike, batch_idx: int, mode: str) -> str:
        """Where the training stands, as ``[1][ 10/125]``, with figures below one another."""
        if mode != "train":
            number = _of(batch_idx + 1, self._get_dataloader_size(runner, mode))
            by_epoch = mode == "val" and self.by_epoch
            return f"{_epoch(runner.epoch, runner.max_epochs)}{number}" if by_epoch else number
        if not self.by_epoch:
            return _of(runner.iter + 1, runner.max_iters)
        number = _of(batch_idx + 1, self._get_dataloader_size(runner, mode))
        return f"{_epoch(runner.epoch + 1, runner.max_epochs)}{number}"

    def _get_cur_loop(self, runner: RunnerLike, mode: str) -> Any:
        """The loop of a mode; libraries' processors call it."""
        return getattr(runner, f"{mode}_loop")

    def _get_dataloader_size(self, runner: RunnerLike, mode: str) -> int | None:
        """How many batches a pass has, None if nobody knows; libraries' processors override it."""
        return num_batches(getattr(self._get_cur_loop(runner, mode), "dataloader", None))

    def _set_named(self, runner: RunnerLike, mode: str) -> str:
        """Which of several data sets is being read, for a line."""
        name = set_name_of(getattr(self._get_cur_loop(runner, mode), "dataloader", None))
        return f"set: {name}" if name else ""

    def _scalars(
        self, runner: RunnerLike, batch_idx: int, mode: str, *, whole: bool = False
    ) -> dict[str, Any]:
        """The statistics of all scalars of ``mode``, without its name before them."""
        head = f"{mode}/"
        since = batch_idx + 1
        window = since if whole else self.window_size
        found: dict[str, Any] = {}
        for key, history in runner.message_hub.log_scalars.items():
            if not key.startswith(head):
                continue
            name = key[len(head) :]
            averaged = name in _TIMES if whole else self._is_averaged(name)
            value = history.mean(window) if averaged else history.current()
            found[name] = value.item() if hasattr(value, "item") else value
        return found | self._custom.of(runner.message_hub, mode, since)

    def _is_averaged(self, name: str) -> bool:
        found = self._averaged.get(name)
        if found is None:
            found = self._averaged[name] = self.mean_pattern.search(name) is not None
        return found

    def _tag_name(self, key: str, mode: str) -> str:
        return f"{mode}/{key}" if self.log_with_hierarchy else key

    def _shown(self, key: str, value: Any) -> str:
        return (
            f"{key}: {value:.{self.num_digits}f}" if isinstance(value, float) else f"{key}: {value}"
        )

    def _memory(self) -> int | None:
        """The most memory that any rank has taken on its device, in MB."""
        if not self._device:
            self._device = get_device()
        memory = None if self._device == "cpu" else max_memory_mb(self._device)
        if memory is None or not is_distributed():
            return memory
        most = torch.tensor([memory], dtype=torch.int64, device=self._device)
        all_reduce(most, "max")
        return int(most.item())


def _is_rate(key: str) -> bool:
    return key.endswith("lr")


def _epoch(number: int, total: int | None) -> str:
    """An epoch, with its right bracket below that of the last epoch."""
    return f"[{number}]".rjust(len(str(total or number)) + 2)


def _of(number: int, total: int | None) -> str:
    return f"[{number}]" if not total else f"[{number:>{len(str(total))}}/{total}]"
