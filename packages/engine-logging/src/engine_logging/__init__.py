"""Loggers, scalars and their history."""

from engine_logging.__about__ import __version__
from engine_logging.defaults import set_default_name
from engine_logging.history_buffer import HistoryBuffer
from engine_logging.logger import MMLogger, print_log
from engine_logging.message_hub import MessageHub
from engine_logging.rank import use_ranks
from engine_logging.scalars_file import ScalarsFile, read_scalars
from engine_logging.relaying import relay, setup, undo_setup

__all__ = [
    "HistoryBuffer",
    "MMLogger",
    "MessageHub",
    "ScalarsFile",
    "__version__",
    "print_log",
    "read_scalars",
    "relay",
    "set_default_name",
    "setup",
    "undo_setup",
    "use_ranks",
]
