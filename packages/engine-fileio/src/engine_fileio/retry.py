"""How often to try again, and how long to wait in between."""

from __future__ import annotations

import time

from engine_fileio.optional import later

FIRST_WAIT = 0.1
LONGEST_WAIT = 20.0


def wait_before(attempt: int, *, at_least: float = 0.0) -> None:
    """Sleep before try number ``attempt`` (the second try is 1).

    The longest wait doubles with every try; the wait is drawn below it, so that many clients
    which failed together don't come back together.

    Args:
        attempt: how many tries have failed.
        at_least: seconds that the server asked for; more than ``LONGEST_WAIT`` are cut.
    """
    longest = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
    time.sleep(min(max(at_least, later("random").uniform(0, longest)), LONGEST_WAIT))
