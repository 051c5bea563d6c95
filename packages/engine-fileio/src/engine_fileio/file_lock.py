"""Locks of open files between processes; the system lets go of them when a process dies."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import msvcrt

    def lock(handle: int) -> None:
        """Wait until no other open file holds the lock, and take it."""
        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # it gives up after ten seconds
                return
            except OSError:
                continue

    def unlock(handle: int) -> None:
        """Let go of the lock."""
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def lock(handle: int) -> None:
        """Wait until no other open file holds the lock, and take it."""
        fcntl.flock(handle, fcntl.LOCK_EX)

    def unlock(handle: int) -> None:
        """Let go of the lock."""
        fcntl.flock(handle, fcntl.LOCK_UN)
