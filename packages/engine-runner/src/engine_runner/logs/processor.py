"""From histories of scalars to log lines."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

import torch

from engine_dist import all_reduce, is_distributed
from engine_dist.accelerator import get_device, max_memory_mb
from engine_runner.loaders import is_skipped, num_batches, set_name_of
from engine_runner.logs.custom import CustomScalars
from engine_runner.logs.line_layout import TIMES, LineLayout, layout_of
from engine_runner.protocols import RunnerLike

__all__ = ["LogProcessor"]

_MAX_LAYOUTS: Final = 64  # of lines, when names keep changing


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
        self._known: dict[str, tuple[str, bool]] = {}  # names without the mode's, and if averaged
        self._layouts: dict[Any, LineLayout] = {}
        self._pass: tuple[Any, int] = None, -1  # loader and epoch whose size and text are known
        self._size: int | None = None
        self._epoch = ""
        self._left = -1, ""  # the time that is left, in seconds and as text

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
        is_train = mode == "train"
        eta = self._eta(runner)
        memory = self._memory()
        names, values = (*scalars,), [*scalars.values()]
        key = (names, *map(type, values), is_train, eta is None, memory is None, self.num_digits)
        layout = self._layouts.get(key)
        if layout is None:
            if len(self._layouts) >= _MAX_LAYOUTS:
                self._layouts.clear()
            layout = self._layouts[key] = layout_of(
                names,
                [*map(type, values)],
                is_train=is_train,
                has_eta=eta is not None,
                has_memory=memory is not None,
                digits=self.num_digits,
            )
        text = layout.filled(values, eta, memory)
        tag = self._named(scalars, mode)
        if memory is not None:
            tag["memory"] = memory
        if not is_train:
            name = self._set_named(runner, mode)
            text = f"{name}  {text}" if text else name
        else:
            if self.by_epoch:
                tag["epoch"] = runner.epoch + 1
            tag["iter"] = runner.iter + 1
        head = "Epoch" if self.by_epoch else "Iter"
        return tag, f"{head}({mode}) {number}  {text}"

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
        metrics = {key: value for key, value in scalars.items() if key not in TIMES}
        times = {key: value for key, value in scalars.items() if key in TIMES}
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
        # what it takes to find out how long an epoch is would be most of a line's time
        loader, epoch = getattr(runner.train_loop, "dataloader", None), runner.epoch
        if self._pass[0] is not loader or self._pass[1] != epoch:
            self._size = self._get_dataloader_size(runner, mode)
            self._epoch = _epoch(epoch + 1, runner.max_epochs)
            self._pass = loader, epoch
        return self._epoch + _of(batch_idx + 1, self._size)

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
            name, averaged = self._known.get(key) or self._learn(key, head)
            if whole:
                averaged = name in TIMES
            value = history.mean(window) if averaged else history.current()
            found[name] = value.item() if hasattr(value, "item") else value
        if self.custom_cfg:
            found |= self._custom.of(runner.message_hub, mode, since)
        return found

    def _learn(self, key: str, head: str) -> tuple[str, bool]:
        name = key[len(head) :]
        found = self._known[key] = name, self.mean_pattern.search(name) is not None
        return found

    def _eta(self, runner: RunnerLike) -> str | None:
        """The time that is left, as text; None if nobody has said it."""
        eta = runner.message_hub.get_info("eta")
        if eta is None:
            return None
        seconds = int(eta)
        if seconds != self._left[0]:
            self._left = seconds, str(timedelta(seconds=seconds))
        return self._left[1]

    def _named(self, scalars: dict[str, Any], mode: str) -> dict[str, Any]:
        """Scalars by the names under which they are drawn."""
        if not self.log_with_hierarchy:
            return {**scalars}
        return {self._tag_name(key, mode): value for key, value in scalars.items()}

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


def _epoch(number: int, total: int | None) -> str:
    """An epoch, with its right bracket below that of the last epoch."""
    return f"[{number}]".rjust(len(str(total or number)) + 2)


def _of(number: int, total: int | None) -> str:
    return f"[{number}]" if not total else f"[{number:>{len(str(total))}}/{total}]"
