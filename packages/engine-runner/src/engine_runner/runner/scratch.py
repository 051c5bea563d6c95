"""A place for runs that are to leave nothing: a folder, and named instances of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from engine_dist import broadcast_object_list
from engine_logging import MessageHub, MMLogger
from engine_registry import DefaultScope
from engine_visual import Visualizer

__all__ = ["instances_kept", "scratch_folder"]


@contextmanager
def scratch_folder() -> Iterator[str]:
    """A temporary folder, the same on all ranks of a machine; it is gone afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:
        path = [own]
        broadcast_object_list(path)
        yield path[0]


@contextmanager
def instances_kept() -> Iterator[None]:
    """Let global instances be the same after as before."""
    kinds = (MessageHub, MMLogger, Visualizer, DefaultScope)
    before = [dict(kind._instance_dict) for kind in kinds]
    try:
        yield
    finally:
        for kind, instances in zip(kinds, before, strict=True):
            for name in [name for name in kind._instance_dict if name not in instances]:
                made = kind._instance_dict.pop(name)
                for handler in list(getattr(made, "handlers", ())):
                    handler.close()
