"""Where machines meet: a name or address, and a port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["Endpoint"]

DEFAULT_PORT: Final = 29400  # torchrun's


@dataclass(frozen=True)
class Endpoint:
    """A machine's name or address, and a port of it."""

    host: str
    port: int = DEFAULT_PORT

    @classmethod
    def read(cls, text: str) -> Endpoint:
        """Read ``HOST[:PORT]``; an IPv6 address with a port stands in brackets.

        Raises:
            ValueError: it is none.
        """
        host, separator, port = text.rpartition(":")
        if not separator or (":" in host.strip("[]") and not host.endswith("]")):
            host, port = text, str(DEFAULT_PORT)
        bare = host.removeprefix("[").removesuffix("]")
        if not bare or not port.isdigit() or not 0 < int(port) < 1 << 16:
            raise ValueError(f"{text!r} is no HOST[:PORT], such as node1 or node1:29400")
        return cls(bare, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
