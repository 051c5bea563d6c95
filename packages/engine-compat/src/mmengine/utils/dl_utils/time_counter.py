"""The mean time of a function, or of a block of code, over its calls."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any, ClassVar

import torch

from engine_logging import MMLogger, print_log

__all__ = ["TimeCounter"]


class TimeCounter:
    """Decorates a function, or surrounds a block, and tells its mean time.

    Counters of the same ``tag`` are one. The time is in seconds.

    Args:
        log_interval: to tell after so many calls, each time.
        warmup_interval: so many calls don't count, as they may take longer.
        with_sync: whether to wait for the accelerator, before and after.
        tag: the name; by default the function's. A block needs one.
        logger: whom to tell; None prints.
    """

    instance_dict: ClassVar[dict[str, TimeCounter]] = {}
    log_interval: int
    warmup_interval: int
    with_sync: bool
    tag: str | None
    logger: MMLogger | None
    _count: int
    _seconds: float

    def __new__(
        cls,
        log_interval: int = 1,
        warmup_interval: int = 1,
        with_sync: bool = True,
        tag: str | None = None,
        logger: MMLogger | None = None,
    ) -> TimeCounter:
        """Return the counter of that tag, made anew the first time."""
        known = cls.instance_dict.get(tag) if tag else None
        if known is not None:
            return known
        made = super().__new__(cls)
        made.log_interval, made.warmup_interval = log_interval, warmup_interval
        made.with_sync, made.tag, made.logger = with_sync, tag, logger
        made._count, made._seconds = 0, 0.0
        if tag:
            cls.instance_dict[tag] = made
        return made

    def __call__(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that is measured each time it is called."""
        if self.tag is None:
            self.tag = fn.__name__
            self.instance_dict[self.tag] = self

        @functools.wraps(fn)
        def measured(*args: Any, **kwargs: Any) -> Any:
            with self:
                return fn(*args, **kwargs)

        return measured

    def __enter__(self) -> None:
        if self.tag is None:
            raise ValueError("a block needs a name: TimeCounter(tag=...)")
        self._began = self._now()

    def __exit__(self, *_: Any) -> None:
        elapsed = self._now() - self._began
        self._count += 1
        self.print_time(elapsed)

    def print_time(self, elapsed: int | float) -> None:
        """Count a call that took so long, and tell the mean if it is time to."""
        counted = self._count - self.warmup_interval
        if counted <= 0:
            return
        self._seconds += elapsed
        if self._count % self.log_interval == 0:
            times_per_s = counted / self._seconds if self._seconds else float("inf")
            print_log(
                f"[{self.tag}]-time per run averaged in the past {counted} runs: "
                f"{1000 / times_per_s:.1f} ms, {times_per_s:.1f} runs/s",
                self.logger,
            )

    def _now(self) -> float:
        if self.with_sync and torch.accelerator.is_available():
            torch.accelerator.synchronize()
        return time.perf_counter()
