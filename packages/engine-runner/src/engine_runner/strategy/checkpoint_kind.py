"""What kind of checkpoints a strategy writes: one file, or a folder with a part of each rank."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["checkpoint_kind"]

_KINDS: Final = {"full": "full", "local": "sharded", "sharded": "sharded"}


def checkpoint_kind(given: Any) -> str:
    """Return "full" or "sharded" of what a ``state_dict_cfg`` says.

    Args:
        given: "full", "sharded", or MMEngine's "local", which means the same; torch's names of
            them; or a dict with one of them as ``state_dict_type``.

    Raises:
        ValueError: it is something else.
    """
    kind = given.get("state_dict_type", "full") if isinstance(given, dict) else given
    name = str(getattr(kind, "name", kind)).lower().removesuffix("_state_dict")
    if name not in _KINDS:
        raise ValueError(
            f"state_dict_cfg must be 'full', 'sharded', 'local' (the same), or a dict with one of "
            f"them as state_dict_type: got {given!r}"
        )
    return _KINDS[name]
