"""Config values: a configuration's values by attribute and item, as a mapping has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine_config.node import ConfigDict

__all__ = ["ConfigValues"]

_SLOTS = ("_cfg_dict", "_filename", "_text", "_env_variables")


class ConfigValues:
    """The values of a Config; its attributes are entries of the outermost dict."""

    _cfg_dict: ConfigDict
    _filename: str | Path | None
    _text: str
    _env_variables: dict[str, str]

    @property
    def filename(self) -> str | Path | None:
        """The file that this was read from."""
        return self._filename

    @property
    def text(self) -> str:
        """The text that this was read from, those of bases first."""
        return self._text

    @property
    def env_variables(self) -> dict[str, str]:
        """The environment variables that were read, with their values then."""
        return self._env_variables

    def __getattr__(self, name: str) -> Any:
        if name in _SLOTS:
            raise AttributeError(name)
        return getattr(self._cfg_dict, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._cfg_dict[name] = value

    def __delattr__(self, name: str) -> None:
        delattr(self._cfg_dict, name)

    def __getitem__(self, name: str) -> Any:
        return self._cfg_dict[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._cfg_dict[name] = value

    def __delitem__(self, name: str) -> None:
        del self._cfg_dict[name]

    def __contains__(self, name: object) -> bool:
        return name in self._cfg_dict

    def __iter__(self) -> Iterator[str]:
        return iter(self._cfg_dict)

    def __len__(self) -> int:
        return len(self._cfg_dict)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ConfigValues):
            return self._cfg_dict == other._cfg_dict
        return NotImplemented if not isinstance(other, Mapping) else self._cfg_dict == other

    __hash__ = None  # type: ignore[assignment]  # how Python marks what can change

    def __getstate__(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in _SLOTS)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        for name, value in zip(_SLOTS, state, strict=False):
            object.__setattr__(self, name, value)
