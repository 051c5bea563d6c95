"""Objects of MMEngine and of our own packages in a checkpoint: made from their data alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine_checkpoint.kinds import Keep, Kind, refuse
from engine_checkpoint.pickle_nodes import Made
from engine_config import Config, ConfigDict
from engine_logging import HistoryBuffer
from engine_structures import BaseDataElement, InstanceData, LabelData, PixelData

__all__ = ["FOREIGN"]

_TOTALS: Final = ("num_left_out", "num", "sum", "count_sum", "lowest", "highest")


def _history(made: Made) -> HistoryBuffer:
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
            **{name: state[f"_{name}"] for name in _TOTALS},
        }
    )


def _dict_of(values: Any) -> ConfigDict:
    return ConfigDict(values) if isinstance(values, Mapping) else refuse("a config of no dict")


def _config_dict(made: Made) -> ConfigDict:
    given = next((each for each in made.args if isinstance(each, Mapping)), {})
    found = _dict_of(given)
    for key, each in (*made.pairs, *_own_entries(made.state)):
        found[key] = each
    return found


def _own_entries(state: Any) -> Sequence[tuple[Any, Any]]:
    return [*state.items()] if isinstance(state, Mapping) and "_origins" not in state else []


def _config(made: Made) -> Config:
    """Without the file that it says it is of: nothing is opened."""
    state = made.state
    parts = state.values() if isinstance(state, Mapping) else (state or made.args)
    return Config(_dict_of(next((each for each in parts if isinstance(each, Mapping)), {})))


def _element(cls: Any) -> Any:
    def read(made: Made) -> Any:
        found = cls.__new__(cls)
        found.__setstate__(made.state)
        return found

    return read


def _write_element(value: Any, keep: Keep) -> Any:
    cls: Any = type(value)
    same = cls.__new__(cls)
    same.__setstate__({key: keep(each, f".{key}") for key, each in value.__getstate__().items()})
    return same


def _method(made: Made) -> Any:
    """Of ``getattr``, by which MMEngine's objects name methods of their classes: the name."""
    name = made.args[1] if len(made.args) == 2 else None
    return name if isinstance(name, str) else refuse("a method without a name")


_ELEMENTS: Final = {  # the more special ones first
    "instance_data.InstanceData": InstanceData,
    "label_data.LabelData": LabelData,
    "pixel_data.PixelData": PixelData,
    "base_data_element.BaseDataElement": BaseDataElement,
}

FOREIGN: Final = (
    Kind(
        names=tuple(
            f"{library}.history_buffer.HistoryBuffer"
            for library in ("mmengine.logging", "engine_logging")
        ),
        read=_history,
        types=(HistoryBuffer,),
    ),
    Kind(
        names=("mmengine.config.config.ConfigDict", "engine_config.node.ConfigDict"),
        read=_config_dict,
    ),
    Kind(
        names=("engine_config.node._restored",),  # written by versions up to 0.1.0
        read=lambda made: _dict_of(made.args[1]),
    ),
    Kind(names=("mmengine.config.config.Config", "engine_config.config.Config"), read=_config),
    *(
        Kind(
            names=(f"mmengine.structures.{name}", f"engine_structures.{name}"),
            read=_element(cls),
            types=(cls,),
            write=_write_element,
        )
        for name, cls in _ELEMENTS.items()
    ),
    Kind(names=("builtins.getattr",), read=_method),
)
