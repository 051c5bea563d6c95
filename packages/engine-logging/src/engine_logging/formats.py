"""How a record of the log is written: as a line for people, or as a line of JSON for programs."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine_logging.rank import current_rank

# Attributes that every record has; what is beyond them, a caller gave as `extra`.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "step"}
_COLOURS = {"DEBUG": 36, "INFO": 32, "WARNING": 33, "ERROR": 31, "CRITICAL": 35}
_PLACE = " - %(pathname)s - %(funcName)s - %(lineno)d"


_ADDRESS = re.compile(r"(?P<scheme>\w[\w+.-]*:/+)(?P<rest>\S*)")
_MAY_BE_SECRET = re.compile(r"[?#;&%\\\"'<>].*", re.DOTALL)


def _hide_in_addresses(text: str) -> str:
    """Addresses as their hosts and plain paths: nobody has said what in them is secret."""
    return _ADDRESS.sub(_shown, text) if ":/" in text else text


_hide: Callable[[str], str] = _hide_in_addresses


def hide_secrets(text: str) -> str:
    """``text`` without what is secret in its addresses; engine-fileio says it, where it is used."""
    return _hide(text)


def hide_secrets_with(hide: Callable[[str], str]) -> None:
    """Let another function say what of a line is secret: that of whoever reads the addresses."""
    global _hide
    _hide = hide


def _shown(match: re.Match[str]) -> str:
    shown = _MAY_BE_SECRET.sub("...", match["rest"])
    hidden = match["rest"][len(shown) - 3 :] if shown != match["rest"] else ""
    return match["scheme"] + ("..." if "@" in hidden else shown.rpartition("@")[2])


class LineFormatter(logging.Formatter):
    """``time - logger - LEVEL - message``; errors also say where they were logged.

    Args:
        datefmt: format of the time.
        colour: asked for each record whether the level may be coloured.
    """

    def __init__(
        self, datefmt: str = "%m/%d %H:%M:%S", colour: Callable[[], bool] = lambda: False
    ) -> None:
        super().__init__(datefmt=datefmt)
        self._colour = colour
        self._second = -1, ""  # the last one that was written out, which takes long

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, without the secrets of addresses."""
        if record.exc_info or record.exc_text or record.stack_info:
            return hide_secrets(super().format(record))
        record.message = record.getMessage()
        record.asctime = self.formatTime(record, self.datefmt)
        return hide_secrets(self.formatMessage(record))

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line without a traceback."""
        level = record.levelname
        if self._colour() and level in _COLOURS:
            level = f"\x1b[1;{_COLOURS[level]}m{level}\x1b[0m"
        place = _PLACE % vars(record) if record.levelno >= logging.ERROR else ""
        return f"{record.asctime} - {record.name} - {level}{place} - {record.message}"

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """When the record was made, to the second."""
        if self._second[0] != int(record.created):
            self._second = int(record.created), super().formatTime(record, datefmt)
        return self._second[1]

    def usesTime(self) -> bool:
        """Always."""
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``time, level, logger, rank, step, message``, and what was extra.

    Args:
        step: returns where the training stands, or None.
    """

    def __init__(self, step: Callable[[], Any] = lambda: None) -> None:
        super().__init__()
        self._step = step

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created).astimezone().isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "rank": current_rank(),
            "step": getattr(record, "step", None),
            "message": hide_secrets(record.getMessage()),
        }
        if entry["step"] is None:
            entry["step"] = self._step()
        entry.update({key: each for key, each in vars(record).items() if key not in _USUAL})
        if record.exc_info:
            entry["exception"] = hide_secrets(self.formatException(record.exc_info))
        return json.dumps(entry, default=str, ensure_ascii=False)
