"""Full initialisation: a data set loads its annotations before the first use that needs them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

__all__ = ["force_full_init"]


def force_full_init(old_func: Callable[..., Any]) -> Callable[..., Any]:
    """Make a method of a data set initialise it first, if it was made with ``lazy_init``."""

    @functools.wraps(old_func)
    def initialised(obj: Any, *args: Any, **kwargs: Any) -> Any:
        if not getattr(obj, "_fully_initialized", False):
            if not hasattr(obj, "full_init"):
                raise AttributeError(f"{type(obj).__name__} has no full_init to initialise it by")
            obj.full_init()
            obj._fully_initialized = True
        return old_func(obj, *args, **kwargs)

    return initialised
