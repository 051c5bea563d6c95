"""A model that a stranger describes may not ask for more memory than there is."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from math import prod
from typing import Any, Final

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from engine_checkpoint import WrongModelError
from engine_registry.trust import is_trusted

__all__ = ["ModelTooLargeError", "bounded_allocation"]

_FACTORIES: Final = frozenset(
    {"empty", "empty_strided", "eye", "full", "ones", "rand", "randn", "zeros"}
)
_REFUSED: Final = re.compile(r"allocate (?:memory: you tried to allocate )?(\d+) bytes")


class ModelTooLargeError(WrongModelError, MemoryError):
    """A model asks for more memory than there is; says for how much."""


@contextmanager
def bounded_allocation() -> Iterator[None]:
    """Build a model; if nobody trusts its config, within the memory of the machine.

    Raises:
        ModelTooLargeError: it asks for more.
    """
    with nullcontext() if is_trusted() else _Meter(_machine_bytes()):
        try:
            yield
        except RuntimeError as error:
            found = _REFUSED.search(str(error))
            if found is None:
                raise
            raise _too_large(int(found[1]), "one tensor") from error


def _too_large(size: int, what: str, limit: int | None = None) -> ModelTooLargeError:
    there = "" if limit is None else f": it has {_shown(limit)}"
    return ModelTooLargeError(
        f"the model of this config asks for {_shown(size)} of memory ({what}), which this machine "
        f"doesn't have{there}. Its config, or what it says of a layer's size, is to be looked at"
    )


def _shown(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"


class _Meter(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's
    """Counts what tensors take before they are made."""

    def __init__(self, limit: int | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's
        self._limit, self._asked = limit, 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Call ``func``, if it makes no tensor for which there is no memory."""
        kwargs = kwargs or {}
        name = func.overloadpacket.__name__
        if name in _FACTORIES and self._limit is not None:
            self._count(name, args, kwargs)
        return func(*args, **kwargs)

    def _count(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        shape = args[0] if isinstance(args[0], list | tuple) else args[:2]
        kind = kwargs.get("dtype") or torch.get_default_dtype()
        if str(kwargs.get("device") or "cpu") == "meta" or any(type(n) is not int for n in shape):
            return
        self._asked += prod(shape) * kind.itemsize
        if self._limit is not None and self._asked > self._limit:
            shown = " x ".join(map(str, shape))
            raise _too_large(self._asked, f"at a tensor of {shown}", self._limit)


def _machine_bytes() -> int | None:
    """How much memory this machine has; None where the system doesn't say."""
    if sys.platform != "win32":
        with suppress(OSError, ValueError):
            return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None
