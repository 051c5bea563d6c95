"""One call that brings everything a program logs into the log of the run."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from engine_logging.handlers import ConsoleHandler
from engine_logging.logger import MMLogger
from engine_logging.rank import current_rank

_ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class Relay(logging.Handler):
    """Hands the records of `logging`'s tree to an `MMLogger`, by default the current one."""

    def __init__(self, target: MMLogger | None) -> None:
        super().__init__()
        self._target = target

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record where the run's own records are written."""
        logger = self.logger()
        if logger.isEnabledFor(record.levelno):
            logger.handle(record)

    def logger(self) -> MMLogger:
        """Whom records are handed to now."""
        return self._target or MMLogger.get_current_instance()


def setup(logger: MMLogger | None = None, *, level: int | str = "INFO") -> MMLogger:
    """Bring other libraries' records, warnings and uncaught exceptions into the run's log.

    Records of `logging.getLogger` loggers appear there once, `warnings` as well. An exception that
    nobody catches, in any thread, is logged with the rank, before Python prints it as always.
    A second call changes the logger and the level; nothing is done twice.

    Args:
        logger: where it all goes; None means the logger that is the current one at the time.
        level: of the root logger of `logging`: what libraries log below it is dropped.

    Returns:
        The logger.
    """
    undo_setup()
    root = logging.getLogger()
    _state["level"] = root.level
    _state["relay"] = Relay(logger)
    _state["excepthook"] = sys.excepthook
    _state["threading"] = threading.excepthook
    root.addHandler(_state["relay"])
    root.setLevel(level)
    logging.captureWarnings(True)
    sys.excepthook = _log_and_print
    threading.excepthook = _log_and_print_of_thread
    return logger or MMLogger.get_current_instance()


class _OfLibraries(Relay):
    """A relay of some libraries alone; it rests while `setup` relays everything."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record where the run's own records are written."""
        if not _state:
            super().emit(record)


def relay(names: Iterable[str], logger: MMLogger) -> None:
    """Bring the records of some libraries into the run's log, from INFO on.

    It holds until it is called for another logger.

    Args:
        names: the libraries, by the names of their loggers.
        logger: where the records go.
    """
    for name in names:
        library = logging.getLogger(name)
        for handler in [each for each in library.handlers if isinstance(each, _OfLibraries)]:
            library.removeHandler(handler)
        library.addHandler(_OfLibraries(logger))
        if library.level == logging.NOTSET:
            library.setLevel(logging.INFO)


def undo_setup() -> None:
    """Take back what `setup` did, if it did."""
    if not _state:
        return
    root = logging.getLogger()
    root.removeHandler(_state["relay"])
    root.setLevel(_state["level"])
    logging.captureWarnings(False)
    if sys.excepthook is _log_and_print:
        sys.excepthook = _state["excepthook"]
    if threading.excepthook is _log_and_print_of_thread:
        threading.excepthook = _state["threading"]
    _state.clear()


_state: dict[str, Any] = {}


def _log_and_print(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """The ``sys.excepthook`` while the set-up holds."""
    previous = _state.get("excepthook", sys.__excepthook__)
    try:
        _log((kind, error, trace))
    finally:
        previous(kind, error, trace)


def _log_and_print_of_thread(args: threading.ExceptHookArgs) -> None:
    """The ``threading.excepthook`` while the set-up holds."""
    previous = _state.get("threading", threading.__excepthook__)
    try:
        if args.exc_value is not None:
            _log((args.exc_type, args.exc_value, args.exc_traceback))
    finally:
        previous(args)


def _log(information: _ExceptionInfo) -> None:
    """Log an exception: with its traceback in files; the terminal is shown that by Python."""
    kind, error, trace = information
    if not issubclass(kind, Exception):  # Ctrl-C and the like are no failures
        return
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = None if trace is None else trace.tb_frame.f_code
    place = (code.co_filename, trace.tb_lineno) if code and trace else ("unknown", 0)
    logger = _state["relay"].logger()
    for handler in logger.handlers:
        record = logger.makeRecord(
            logger.name,
            logging.CRITICAL,
            *place,
            "uncaught exception on rank %d: %s: %s",
            (current_rank(), kind.__name__, error),
            None if isinstance(handler, ConsoleHandler) else information,
            code.co_name if code else "unknown",
        )
        if record.levelno >= handler.level:
            handler.handle(record)
