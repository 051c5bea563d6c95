"""The log of this package, which costs nothing until something is logged.

Importing `logging` takes as long as the whole of this package is allowed to.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logging import Logger


def logger() -> Logger:
    """The logger ``engine_registry``."""
    import logging  # here for the reason above

    return logging.getLogger(__package__)
