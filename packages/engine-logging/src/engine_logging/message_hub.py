"""What happens in a training, for those who want to know: scalars with their history, and facts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

from engine_logging.defaults import default_name
from engine_logging.history_buffer import HistoryBuffer
from engine_logging.plain_data import copied, is_plain
from engine_registry import ManagerMixin

logger = logging.getLogger(__name__)

_SIMPLE = frozenset({bool, int, float, str, type(None)})
_PARTS = ("log_scalars", "runtime_info", "resumed_keys")


class MessageHub(ManagerMixin):
    """Collects scalars and facts by key; found by name from anywhere.

    Args:
        name: its name.
        log_scalars: histories to begin with, by key.
        runtime_info: facts to begin with, by key.
        resumed_keys: for each key whether it is part of the state; others are.

    Raises:
        TypeError: an argument is no dict, or a history no `HistoryBuffer`.
        ValueError: ``resumed_keys`` names what isn't there.
    """

    def __init__(
        self,
        name: str,
        log_scalars: dict[str, HistoryBuffer] | None = None,
        runtime_info: dict[str, Any] | None = None,
        resumed_keys: dict[str, bool] | None = None,
    ) -> None:
        super().__init__(name)
        self._log_scalars = _dict_or_empty("log_scalars", log_scalars)
        self._runtime_info = _dict_or_empty("runtime_info", runtime_info)
        self._resumed_keys = _dict_or_empty("resumed_keys", resumed_keys)
        self._looked_at: set[tuple[str, type[Any]]] = set()
        self._told: set[tuple[str, type[Any]]] = set()  # of those, what isn't part of the state
        for key, buffer in self._log_scalars.items():
            if not isinstance(buffer, HistoryBuffer):
                raise TypeError(f"log_scalars[{key!r}] must be a HistoryBuffer, got {buffer!r}")
        for key in self._resumed_keys:
            if key not in self._log_scalars and key not in self._runtime_info:
                raise ValueError(f"resumed_keys names {key!r}, which is no scalar and no info")

    @classmethod
    def get_current_instance(cls) -> MessageHub:
        """Return the hub that was made last; makes one if there is none."""
        if not cls._instance_dict:
            return cls.get_instance(default_name())
        current: MessageHub = super().get_current_instance()
        return current

    def update_scalar(self, key: str, value: Any, count: int = 1, resumed: bool = True) -> None:
        """Add ``value`` to the history of ``key``.

        A tensor is not looked at yet; see `HistoryBuffer.update`.

        Args:
            key: the scalar's name, such as ``"loss"``.
            value: a number, or an array or tensor of one element.
            count: how many things ``value`` sums up.
            resumed: whether it is part of the state.

        Raises:
            TypeError: ``value`` or ``count`` is no number.
            ValueError: ``value`` has several elements, or ``resumed`` was different before.
        """
        buffer = self._log_scalars.get(key)
        if buffer is None:
            # first, so that what fails leaves nothing behind
            buffer = HistoryBuffer.beginning_with(value, count)
            self._remember_resumed(key, resumed)
            self._log_scalars[key] = buffer
            return
        if self._resumed_keys.get(key) is not resumed:
            self._remember_resumed(key, resumed)
        buffer.update(value, count)

    def update_scalars(self, log_dict: dict[str, Any], resumed: bool = True) -> None:
        """Add a value to the history of each key of ``log_dict``.

        A value may also be ``dict(value=..., count=...)``.

        Raises:
            TypeError: ``log_dict`` is no dict; or as `update_scalar`.
            ValueError: such a dict has no ``value``; or as `update_scalar`.
        """
        if not isinstance(log_dict, dict):
            raise TypeError(f"log_dict must be a dict, got {log_dict!r}")
        for key, value in log_dict.items():
            if isinstance(value, dict):
                if "value" not in value:
                    raise ValueError(f"log_dict[{key!r}] needs the key 'value', got {value!r}")
                self.update_scalar(key, value["value"], value.get("count", 1), resumed)
            else:
                self.update_scalar(key, value, 1, resumed)

    def update_info(self, key: str, value: Any, resumed: bool = True) -> None:
        """Set the fact ``key`` to ``value``.

        If it is to be part of the state and is no plain data, a warning says so.

        Raises:
            ValueError: ``resumed`` was different before.
        """
        self._remember_resumed(key, resumed)
        self._runtime_info[key] = value
        if resumed and type(value) not in _SIMPLE and (key, type(value)) not in self._looked_at:
            self._look_at(key, value)

    def _look_at(self, key: str, value: Any) -> None:
        """Say so if a fact can't be part of the state: of each kind of value once."""
        self._looked_at.add((key, type(value)))
        if not is_plain(value):
            self._tell_left_out(key, value)

    def _tell_left_out(self, key: str, value: Any) -> None:
        if (key, type(value)) in self._told:
            return
        self._told.add((key, type(value)))
        logger.warning(
            "%r of the hub %r is a %s, or holds one, that no checkpoint can hold: it won't be "
            "there after a resume. Put its data in, or say resumed=False",
            *(key, self.instance_name, type(value).__name__),
        )

    def update_info_dict(self, info_dict: dict[str, Any], resumed: bool = True) -> None:
        """Set several facts.

        Raises:
            TypeError: ``info_dict`` is no dict.
        """
        if not isinstance(info_dict, dict):
            raise TypeError(f"info_dict must be a dict, got {info_dict!r}")
        for key, value in info_dict.items():
            self.update_info(key, value, resumed)

    def get_scalar(self, key: str) -> HistoryBuffer:
        """Return the history of ``key``.

        Raises:
            KeyError: there is none; the message offers close names.
        """
        try:
            buffer: HistoryBuffer = self._log_scalars[key]
        except KeyError:
            near = ", ".join(get_close_matches(str(key), self._log_scalars)) or "none"
            hub = self.instance_name
            raise KeyError(
                f"the hub {hub!r} holds no scalar {key!r}; close names: {near}"
            ) from None
        return buffer

    def get_info(self, key: str, default: Any | None = None) -> Any:
        """Return the fact ``key``, or ``default``."""
        return self._runtime_info.get(key, default)

    def pop_info(self, key: str, default: Any | None = None) -> Any:
        """Remove the fact ``key`` and return it, or ``default``."""
        return self._runtime_info.pop(key, default)

    @property
    def log_scalars(self) -> dict[str, HistoryBuffer]:
        """The histories, by key."""
        return self._log_scalars

    @property
    def runtime_info(self) -> dict[str, Any]:
        """The facts, by key."""
        return self._runtime_info

    def state_dict(self) -> dict[str, Any]:
        """What a resume needs, as plain data, of a size that doesn't grow with the training.

        Of each scalar it holds the latest values and the totals (`HistoryBuffer.state_dict`). A
        fact that is no plain data, array or tensor is left out, as `update_info` has warned.
        """
        scalars = {
            key: buffer.state_dict()
            for key, buffer in self._log_scalars.items()
            if self._resumed_keys.get(key, True)
        }
        info = {}
        for key, value in self._runtime_info.items():
            if not self._resumed_keys.get(key, True):
                continue
            try:
                if is_plain(value):
                    info[key] = copied(value)
                    continue
            except Exception:  # of the value's own methods
                logger.debug("%r can't be copied", key, exc_info=True)
            self._tell_left_out(key, value)
        kept = {k: False for k, is_resumed in self._resumed_keys.items() if not is_resumed}
        kept.update(dict.fromkeys((*scalars, *info), True))
        return {"log_scalars": scalars, "runtime_info": info, "resumed_keys": kept}

    def load_state_dict(self, state_dict: MessageHub | dict[str, Any]) -> None:
        """Take over a state, ours or MMEngine's; or all of another hub, what isn't resumed too.

        What is there under other keys stays.

        Raises:
            TypeError: it is neither a mapping nor a hub.
            ValueError: one of its three parts is missing.
        """
        parts, whole = _parts(state_dict), isinstance(state_dict, MessageHub)
        for key, is_resumed in parts["resumed_keys"].items():
            if not is_resumed and not whole:
                continue
            if key in parts["log_scalars"]:
                buffer = _as_buffer(parts["log_scalars"][key])
                if buffer is None:
                    logger.warning("the history of %r is in no form that can be read", key)
                    continue
                self._log_scalars[key] = buffer
            elif key in parts["runtime_info"]:
                self._runtime_info[key] = _copied(parts["runtime_info"][key])
            else:
                logger.warning("the state resumes %r, but doesn't hold it", key)
                continue
            self._resumed_keys[key] = is_resumed if whole else True

    def _remember_resumed(self, key: str, resumed: bool) -> None:
        """Refuse a change of mind about whether ``key`` is part of the state."""
        before = self._resumed_keys.setdefault(key, resumed)
        if before != resumed:
            raise ValueError(f"{key!r} was updated with resumed={before} before, now {resumed}")


def _parts(state: Any) -> Mapping[str, Mapping[str, Any]]:
    """The three mappings of a state."""
    if isinstance(state, MessageHub):
        return {part: getattr(state, f"_{part}") for part in _PARTS}
    if not isinstance(state, Mapping):
        raise TypeError(f"state_dict must be a dict or a MessageHub, got {state!r}")
    missing = [part for part in _PARTS if part not in state]
    if missing:
        raise ValueError(f"the state of a MessageHub needs {missing}; it has {list(state)}")
    return state


def _as_buffer(value: Any) -> HistoryBuffer | None:
    """A history from any form that states have held it in; None if it is none of them."""
    if isinstance(value, HistoryBuffer):
        return deepcopy(value)
    if isinstance(value, Mapping):
        return HistoryBuffer.from_state(value) if "log_history" in value else None
    log = getattr(value, "_log_history", None)
    counts = getattr(value, "_count_history", None)
    if log is None or counts is None:
        return None
    return HistoryBuffer(log, counts, getattr(value, "max_length", 1000000))


def _copied(value: Any) -> Any:
    """A deep copy, or the value itself if it can't be copied."""
    try:
        return deepcopy(value)
    except Exception:
        logger.warning("a resumed value is shared, since it can't be copied: %r", value)
        return value


def _dict_or_empty(name: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError(f"{name} must be a dict or None, got {value!r}")
    return value
