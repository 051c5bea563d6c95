"""Where records go: the terminal, and files of this rank."""

from __future__ import annotations

import getpass
import logging
import logging.handlers
import os
import socket
import sys
from pathlib import Path
from typing import Any, TextIO

from engine_logging.formats import LineFormatter
from engine_logging.rank import current_local_rank, current_rank

# Different warnings remembered by a filter; then it forgets them all, and begins anew.
MAX_REMEMBERED = 10_000


class ConsoleHandler(logging.StreamHandler[TextIO]):
    """Writes to what is ``sys.stdout`` at the time, with colours if that is a terminal."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)
        self._asked: tuple[Any, bool] = None, False
        self.setFormatter(LineFormatter(colour=self.has_colours))

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, unless its attribute ``file_only`` is set.

        ``sys.stdout`` may have been exchanged since the last one.
        """
        if getattr(record, "file_only", False):
            return
        self.stream = sys.stdout
        _write(self, record)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with escapes for what the terminal has no letters for."""
        line = super().format(record)
        if line.isascii():
            return line
        encoding = getattr(self.stream, "encoding", None)
        if not encoding:
            return line
        return line.encode(encoding, "backslashreplace").decode(encoding)

    def has_colours(self) -> bool:
        """Whether it is a terminal whose user hasn't switched colours off (``NO_COLOR``)."""
        if self._asked[0] is not self.stream:  # once for each: it is a call of the system
            self._asked = self.stream, self.stream.isatty()
        return self._asked[1] and not os.environ.get("NO_COLOR")


class LogFile(logging.FileHandler):
    """A file that closes when its run is over, and opens again for what comes later."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; if somebody has removed the folder of a closed file, it is lost."""
        if self.stream is not None:
            _write(self, record)
        elif Path(self.baseFilename).parent.is_dir():
            super().emit(record)


def _write(handler: logging.StreamHandler[Any], record: logging.LogRecord) -> None:
    """What `logging.StreamHandler.emit` does, without its further lock around the flush."""
    try:
        handler.stream.write(handler.format(record) + handler.terminator)
        handler.stream.flush()
    except RecursionError:
        raise
    except Exception:
        handler.handleError(record)


class RepeatedWarnings(logging.Filter):
    """Lets a warning pass once; other levels always."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[tuple[str, str]] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is new, or of another level."""
        if record.levelno != logging.WARNING:
            return True
        key = record.name, record.getMessage()
        if key in self._seen:
            return False
        if len(self._seen) >= MAX_REMEMBERED:
            self._seen.clear()
        self._seen.add(key)
        return True


def file_handler(path: str | Path, mode: str, options: dict[str, Any] | None) -> logging.Handler:
    """Open a log file, making its folder.

    Args:
        path: the file.
        mode: ``"w"`` or ``"a"``; for a plain file only.
        options: the name of another handler of `logging.handlers` as ``type``, and its arguments.

    Raises:
        ValueError: ``options`` has no ``type``, or one that doesn't exist.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    if options is None:
        return LogFile(path, mode=mode, encoding="utf-8")
    if "type" not in options:
        raise ValueError(f"file_handler_cfg needs the key 'type', got {options!r}")
    arguments = {"encoding": "utf-8", **options}
    name = arguments.pop("type")
    if name == "FileHandler":
        return LogFile(path, **{"mode": mode, **arguments})
    handler_class = getattr(logging.handlers, str(name), None)
    if not (isinstance(handler_class, type) and issubclass(handler_class, logging.FileHandler)):
        known = [
            each
            for each, value in vars(logging.handlers).items()
            if isinstance(value, type) and issubclass(value, logging.FileHandler)
        ]
        raise ValueError(
            f"file_handler_cfg: no file handler is called {name!r}; there are FileHandler, "
            f"{', '.join(sorted(known))}"
        )
    handler: logging.Handler = handler_class(path, **arguments)
    return handler


def path_of_rank(path: str | Path) -> Path:
    """``a.log`` as the file of this rank alone: ``a_user@host_device0_rank3.log``."""
    path = Path(path)
    who = f"{_user()}@{socket.gethostname()}"
    own = f"{path.stem}_{who}_device{current_local_rank()}_rank{current_rank()}{path.suffix}"
    return path.with_name(own)


def _user() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container may have a user without a name
        return "user"
