"""Storage of a sweep's study, which its machines share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["STORAGE", "check_storage"]

STORAGE: Final = "ENGINE_SWEEP_STORAGE"  # the variable that has the address
_OPTION = "--storage"


def check_storage(machines: int, arguments: Sequence[str], *, is_elsewhere: bool) -> None:
    """Look whether several machines are told where their study is.

    Args:
        machines: how many there are.
        arguments: of ``engine sweep``.
        is_elsewhere: whether they may be told by something else than these.

    Raises:
        ValueError: they aren't; each would search by itself, or lock a file over a network.
    """
    if (
        machines > 1
        and not is_elsewhere
        and not any(each.startswith(_OPTION) for each in arguments)
    ):
        raise ValueError(
            f"a sweep on {machines} machines needs a storage that all of them reach: add "
            f"-- {_OPTION} postgresql://host/studies; where that has a password, let the "
            f"environment have it as {STORAGE}"
        )
