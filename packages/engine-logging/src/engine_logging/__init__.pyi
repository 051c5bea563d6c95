# Made from __init__.py by tests/rules/test_lazy_names.py.
from engine_logging.__about__ import (
    __version__ as __version__,
)
from engine_logging.defaults import (
    set_default_name as set_default_name,
)
from engine_logging.history_buffer import (
    HistoryBuffer as HistoryBuffer,
)
from engine_logging.logger import (
    MMLogger as MMLogger,
    print_log as print_log,
)
from engine_logging.message_hub import (
    MessageHub as MessageHub,
)
from engine_logging.rank import (
    use_ranks as use_ranks,
)
from engine_logging.relaying import (
    relay as relay,
    setup as setup,
    undo_setup as undo_setup,
)
from engine_logging.scalars_file import (
    ScalarsFile as ScalarsFile,
    read_scalars as read_scalars,
)
