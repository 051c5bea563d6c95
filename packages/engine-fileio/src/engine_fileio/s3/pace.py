"""How large the parts of an object are, and how many travel at a time, by what was seen so far."""

from __future__ import annotations

from threading import Lock
from typing import Any

MiB = 1024 * 1024
SMALLEST, LARGEST = 8 * MiB, 64 * MiB  # bytes of a part
_MOST_PARTS = 10_000  # that an upload may have
_SECONDS = 4.0  # that a part should take at most: what breaks off is sent again
_TOO_FAST = {429, 503}  # the statuses of a service that is asked for too much


class Pace:
    """Part size and number of connections that suit a service.

    Parts are as large as lets every connection carry one, within 8 and 64 MiB, and smaller where
    one would take long. Connections are halved when the service throttles or breaks off, and come
    back by one with each transfer (Chiu and Jain, Computer Networks and ISDN Systems 17, 1989).

    Args:
        part_size: bytes; None to choose.
        connections: at most so many.
    """

    def __init__(self, part_size: int | None, connections: int) -> None:
        self._fixed = part_size
        self._most = connections
        self._now = connections
        self._speed = float("inf")  # bytes a second of one connection
        self._lock = Lock()

    @property
    def connections(self) -> int:
        """How many parts should travel at a time."""
        return self._now

    @property
    def threshold(self) -> int:
        """Bytes above which an object travels in parts."""
        return self._fixed or SMALLEST

    def part_size(self, size: int) -> int:
        """Bytes of each part of an object of ``size`` bytes, a multiple of a MiB."""
        if self._fixed is not None:
            wanted: float = self._fixed
        else:
            wanted = min(size / self._now, _SECONDS * self._speed, LARGEST)
            wanted = -(-max(wanted, SMALLEST) // MiB) * MiB
        fewest = -(-size // _MOST_PARTS)
        return max(int(wanted), -(-fewest // MiB) * MiB if fewest > wanted else 0)

    def went_through(self, size: int, *, seconds: float, connections: int) -> None:
        """Learn from a transfer that ended well."""
        with self._lock:
            self._speed = size / max(seconds, 1e-6) / connections
            self._now = min(self._most, self._now + 1)

    def slow_down(self) -> None:
        """Halve the connections."""
        with self._lock:
            self._now = max(1, self._now // 2)

    def listen(self, client: Any) -> None:
        """Slow down whenever ``client``, one of boto3's, has to try again."""
        client.meta.events.register("needs-retry.s3", self._look_at)

    def _look_at(self, *, response: Any, caught_exception: Any, **_: Any) -> None:
        if caught_exception is not None or response[0].status_code in _TOO_FAST:
            self.slow_down()

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=Lock())
