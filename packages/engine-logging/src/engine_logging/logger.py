"""The logger of a run."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from engine_logging.defaults import default_name
from engine_logging.formats import JsonFormatter, LineFormatter
from engine_logging.handlers import ConsoleHandler, RepeatedWarnings, file_handler, path_of_rank
from engine_logging.message_hub import MessageHub
from engine_logging.rank import current_rank, current_world_size
from engine_registry import ManagerMixin


class MMLogger(logging.Logger, ManagerMixin):
    """A logger that is found by name from anywhere, and knows its rank.

    It writes to the terminal: rank 0 from ``log_level`` on, other ranks errors only. Rank 0 also
    writes to ``log_file``; every rank does, to a file of its own, if ``distributed`` is true or
    the level is DEBUG. A warning that repeats is written once.

    It stands beside the tree of `logging`: see `engine_logging.relaying` for how other libraries'
    records reach it.

    Args:
        name: by which it is found.
        logger_name: what stands in its lines; None for the default name.
        log_file: path of the file; its folder is made.
        log_level: a level's name or number.
        file_mode: ``"w"`` to begin the file anew, ``"a"`` to go on with it.
        distributed: whether every rank writes a file, if there are several.
        file_handler_cfg: another handler of `logging.handlers` for the file, by ``type``, and its
            arguments, such as ``dict(type="RotatingFileHandler", maxBytes=1_000_000)``.
        json_file: path of a further file with one JSON object a line.

    Raises:
        ValueError: ``log_level`` or ``file_handler_cfg`` names what doesn't exist.
    """

    def __init__(
        self,
        name: str,
        logger_name: str | None = None,
        log_file: str | None = None,
        log_level: int | str = "INFO",
        file_mode: str = "w",
        distributed: bool = False,
        file_handler_cfg: dict[str, Any] | None = None,
        *,
        json_file: str | None = None,
    ) -> None:
        logging.Logger.__init__(self, default_name() if logger_name is None else logger_name)
        ManagerMixin.__init__(self, name)
        level = level_number(log_level)
        rank = current_rank()
        self._log_file = log_file
        self._add(ConsoleHandler(), level if rank == 0 else max(level, logging.ERROR))
        every_rank = current_world_size() > 1 and (distributed or level <= logging.DEBUG)
        if log_file is not None:
            if every_rank:
                self._log_file = str(path_of_rank(log_file))
            if rank == 0 or every_rank:
                handler = file_handler(self._log_file or log_file, file_mode, file_handler_cfg)
                handler.setFormatter(LineFormatter("%Y/%m/%d %H:%M:%S"))
                self._add(handler, level)
        if json_file is not None and (rank == 0 or every_rank):
            path = path_of_rank(json_file) if every_rank else Path(json_file)
            handler = file_handler(path, file_mode, None)
            handler.setFormatter(JsonFormatter(step=_current_step))
            self._add(handler, level)

    @property
    def log_file(self) -> str | None:
        """Path of the log file, that of this rank if every rank has one."""
        return self._log_file

    @classmethod
    def get_current_instance(cls) -> MMLogger:
        """Return the logger that was made last; makes one if there is none."""
        if not cls._instance_dict:
            return cls.get_instance(default_name())
        current: MMLogger = super().get_current_instance()
        return current

    def callHandlers(self, record: logging.LogRecord) -> None:
        """Hand ``record`` to every handler whose level it reaches, whatever logger it is from."""
        for handler in self.handlers:
            if record.levelno >= handler.level:
                handler.handle(record)

    def setLevel(self, level: int | str) -> None:
        """Set the level below which nothing is logged; the handlers keep theirs."""
        self.level = level_number(level)

    def isEnabledFor(self, level: int) -> bool:
        """Whether a record of ``level`` would be handled.

        `logging` remembers the answers, and forgets them only for the loggers in its own tree.
        """
        return not self.disabled and level >= self.level and level > self.manager.disable

    def close(self) -> None:
        """Close the files; what is logged afterwards goes to the terminal alone."""
        for handler in list(self.handlers):
            if isinstance(handler, logging.FileHandler):
                self.removeHandler(handler)
                handler.close()

    def release(self) -> None:
        """Let go of the files for now: what is logged afterwards opens them again."""
        for handler in self.handlers:
            if isinstance(handler, logging.FileHandler):
                _release(handler)

    def __reduce__(self) -> Any:
        """Loggers travel by name: in another process it is that process's logger."""
        return _named, (self.instance_name, self.name)

    def _add(self, handler: logging.Handler, level: int) -> None:
        handler.setLevel(level)
        handler.addFilter(RepeatedWarnings())
        self.addHandler(handler)


def print_log(msg: Any, logger: logging.Logger | str | None = None, level: int = 20) -> None:
    """Print or log ``msg``.

    Args:
        msg: anything that has a text.
        logger: None prints; ``"silent"`` does nothing; ``"current"`` is the logger made last;
            any other name is that of an `MMLogger` which exists.
        level: the level to log at; INFO by default.

    Raises:
        TypeError: ``logger`` is of another type.
        ValueError: no logger has that name.
    """
    if logger is None:
        print(msg)  # noqa: T201 - that's what it is asked for
    elif isinstance(logger, logging.Logger):
        logger.log(level, msg, stacklevel=2)
    elif logger == "silent":
        return
    elif logger == "current":
        MMLogger.get_current_instance().log(level, msg, stacklevel=2)
    elif not isinstance(logger, str):
        raise TypeError(f"logger must be a Logger, a name or None, got {logger!r}")
    elif MMLogger.check_instance_created(logger):
        MMLogger.get_instance(logger).log(level, msg, stacklevel=2)
    else:
        known = ", ".join(MMLogger._instance_dict) or "none"
        raise ValueError(f"no MMLogger is called {logger!r}; there are: {known}")


def _release(handler: logging.FileHandler) -> None:
    handler.acquire()
    try:
        stream: Any = handler.stream  # None where it isn't open
        if stream is not None:
            handler.flush()
            stream.close()
        handler.mode = "a"  # what is there stays
        handler.stream = None  # as of one that is opened when needed
    finally:
        handler.release()


def _named(name: str, logger_name: str) -> MMLogger:
    """The logger called ``name``, made without files if there is none."""
    return MMLogger.get_instance(name, logger_name=logger_name)


class UnknownLevelError(ValueError, KeyError):
    """No level of a logger has this name; MMEngine's is a KeyError."""

    __str__ = Exception.__str__


def level_number(level: int | str) -> int:
    """Return a level as a number.

    Raises:
        UnknownLevelError: there is no level of that name.
    """
    if isinstance(level, str):
        levels = logging.getLevelNamesMapping()
        if level not in levels:
            raise UnknownLevelError(f"unknown level {level!r}; known: {', '.join(levels)}")
        return levels[level]
    if not isinstance(level, int):
        raise TypeError(f"a level is a name or an int, got {level!r}")
    return level


def _current_step() -> Any:
    """The iteration that the current message hub knows of, or None."""
    return MessageHub.get_current_instance().get_info("iter") if MessageHub._instance_dict else None
