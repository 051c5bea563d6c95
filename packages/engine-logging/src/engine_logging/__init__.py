"""Loggers, scalars and their history."""

from engine_registry.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "engine_logging.__about__": ["__version__"],
        "engine_logging.defaults": ["set_default_name"],
        "engine_logging.history_buffer": ["HistoryBuffer"],
        "engine_logging.logger": ["MMLogger", "print_log"],
        "engine_logging.message_hub": ["MessageHub"],
        "engine_logging.rank": ["use_ranks"],
        "engine_logging.relaying": ["relay", "setup", "undo_setup"],
        "engine_logging.scalars_file": ["ScalarsFile", "read_scalars"],
    },
)
