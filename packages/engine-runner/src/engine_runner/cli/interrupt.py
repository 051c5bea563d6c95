"""Ctrl-C that is heard wherever it falls."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import Any

from engine_runner.hooks import Hook

__all__ = ["Interrupt"]


class Interrupt(Hook):
    """Ends a training at Ctrl-C, if not at once then at the next iteration.

    Python drops an interrupt that falls into a destructor, such as that of a data loader's
    workers. This remembers it. As a context it listens; as a hook it looks.
    """

    priority = "HIGHEST"

    def __init__(self) -> None:
        self._asked = False
        self._before: Any = None
        self._tell: Any = sys.unraisablehook

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGINT)
            if self._before is signal.default_int_handler:
                signal.signal(signal.SIGINT, self._hear)
        self._tell, sys.unraisablehook = sys.unraisablehook, self._dropped
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        sys.unraisablehook = self._tell
        if self._before is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._before)
        if self._asked and isinstance(error, Exception):  # workers may have heard it first
            raise KeyboardInterrupt from error

    def _dropped(self, unraisable: Any) -> None:
        """Python would print a traceback of an interrupt that it drops."""
        if unraisable.exc_type is not KeyboardInterrupt:
            self._tell(unraisable)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        raise KeyboardInterrupt

    def _before_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, mode: str = "train"
    ) -> None:
        if self._asked:
            raise KeyboardInterrupt
