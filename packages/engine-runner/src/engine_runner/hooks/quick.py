"""The short way into the message hub, for what is put down at every iteration."""

from __future__ import annotations

from typing import Any

from engine_logging import MessageHub

__all__ = ["put_down"]


def put_down(hub: MessageHub, key: str, value: Any) -> None:
    """Do what ``hub.update_scalar(key, value)`` does, without its checks after the first time."""
    history = hub.log_scalars.get(key)
    if history is None:
        hub.update_scalar(key, value)
    else:
        history.update(value)
