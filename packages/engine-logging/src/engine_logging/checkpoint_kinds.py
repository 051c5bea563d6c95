"""Checkpoint kinds: how a history is read from checkpoints, whose reader finds this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine_logging.history_buffer import HistoryBuffer
from engine_logging.history_numbers import TOTALS

__all__ = ["KINDS"]


def _history(made: Any) -> HistoryBuffer:
    state = made.state
    if not isinstance(state, Mapping):
        return HistoryBuffer(*made.args)
    if "_log_history" in state:  # MMEngine's
        return HistoryBuffer(state["_log_history"], state["_count_history"], state["max_length"])
    return HistoryBuffer.from_state(
        {
            "log_history": [*state["_values"], *(each for each, _ in state.get("_new", ()))],
            "count_history": [*state["_counts"], *(count for _, count in state.get("_new", ()))],
            "max_length": state["_values"].maxlen or 1_000_000,
            **{name: state[f"_{name}"] for name in TOTALS},
        }
    )


KINDS: Final[tuple[dict[str, Any], ...]] = (
    {
        "names": (
            "mmengine.logging.history_buffer.HistoryBuffer",
            "engine_logging.history_buffer.HistoryBuffer",
        ),
        "read": _history,
        "types": (HistoryBuffer,),
    },
)
