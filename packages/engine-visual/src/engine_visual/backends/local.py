"""Files of a folder: images, scalars as JSON lines, the config."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from functools import cached_property, lru_cache
from math import isfinite
from pathlib import PurePath
from typing import Any, Final

import numpy as np
from PIL import Image

import engine_fileio
from engine_visual.backends.base import BaseVisBackend, force_init_env
from engine_visual.backends.json_lines import Lines, open_lines
from engine_visual.backends.plain_values import checked_image, config_text, number

__all__ = ["LocalVisBackend"]

_NUMBERS: Final = frozenset({int, float})
_QUICK = 1  # zlib's level: a fifth of the default's time for a tenth more bytes


class LocalVisBackend(BaseVisBackend):
    """Images, scalars and the config as files.

    ``save_dir/vis_image/<name>_<step>.png``, ``save_dir/scalars.json`` with a line
    ``{"loss": 0.1, "step": 10}`` for each call, and ``save_dir/config.py``. A file that is there
    already, of the same run resumed, is continued.

    Args:
        save_dir: a folder, or an address that `engine_fileio` knows (``"s3://bucket/run"``).
        img_save_dir: folder of the images, below ``save_dir``.
        config_save_file: name of the config's file.
        scalar_save_file: name of the scalars' file.
        strict: raise errors instead of logging and counting them.

    Raises:
        ValueError: a file's name ends in something else than .py or .json.
    """

    def __init__(
        self,
        save_dir: str,
        img_save_dir: str = "vis_image",
        config_save_file: str = "config.py",
        scalar_save_file: str = "scalars.json",
        *,
        strict: bool = False,
    ) -> None:
        _must_end("config_save_file", config_save_file, ".py")
        _must_end("scalar_save_file", scalar_save_file, ".json")
        super().__init__(save_dir, strict=strict)
        self._img_save_dir = self._address(img_save_dir)
        self._config_save_file = self._address(config_save_file)
        self._scalar_save_file = self._address(scalar_save_file)

    @cached_property  # a subclass may not call `__init__`
    def _lines(self) -> dict[str, Lines]:
        """Open files, by address."""
        return {}

    @cached_property
    def _addresses(self) -> dict[str, str]:
        """Of files named in `add_scalars`."""
        return {}

    def _init_env(self) -> None:
        """Nothing: files and folders are made when something is written to them."""

    @property
    @force_init_env
    def experiment(self) -> LocalVisBackend:
        """The back-end itself."""
        return self

    @force_init_env
    def add_config(self, config: Any, **kwargs: Any) -> None:
        """Write the config's text."""
        engine_fileio.put_text(config_text(config), self._config_save_file)

    @force_init_env
    def add_image(self, name: str, image: np.ndarray, step: int = 0, **kwargs: Any) -> None:
        """Write a PNG; folders in ``name`` are made."""
        buffer = io.BytesIO()
        Image.fromarray(checked_image(name, image)).save(buffer, "PNG", compress_level=_QUICK)
        address = engine_fileio.join_path(self._img_save_dir, f"{name}_{step}.png")
        engine_fileio.put(buffer.getvalue(), address)

    @force_init_env
    def add_scalar(self, name: str, value: Any, step: int = 0, **kwargs: Any) -> None:
        """Append a line; values that are no numbers are written as JSON has them."""
        text = _line({name: _plain(value), "step": step})
        self._write(text, self._scalar_save_file)

    @force_init_env
    def add_scalars(
        self,
        scalar_dict: Mapping[str, Any],
        step: int = 0,
        file_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Append a line, and the same to ``file_path``, a .json below ``save_dir``.

        Raises:
            ValueError: ``file_path`` is no .json, or the scalars' own file.
        """
        line = {
            name: value if type(value) is float and isfinite(value) else _plain(value)
            for name, value in scalar_dict.items()
        }
        line.setdefault("step", step)
        further = None
        if file_path is not None:
            further = self._addresses.get(file_path) or self._further(file_path)
        text = _line(line)
        if further is not None:
            self._write(text, further)
        self._write(text, self._scalar_save_file)

    def _further(self, file_path: str) -> str:
        """The address of a further file, remembered."""
        _must_end("file_path", file_path, ".json")
        address = self._address(file_path)
        if address == self._scalar_save_file:
            raise ValueError(f"file_path={file_path!r} holds all scalars: take another")
        self._addresses[file_path] = address
        return address

    def release(self) -> None:
        """Let go of the files for now, complete."""
        for lines in self._lines.values():
            lines.close()

    def close(self) -> None:
        """Let go of the files, complete."""
        try:
            for lines in self._lines.values():
                lines.close()
        finally:
            self._lines.clear()

    def _address(self, name: str) -> str:
        if PurePath(name).is_absolute():
            return os.fspath(name)
        return engine_fileio.join_path(self._save_dir, name)

    def _write(self, text: str, address: str) -> None:
        lines = self._lines.get(address)
        if lines is None:
            lines = self._lines[address] = open_lines(address)
        lines.add(text)


def _must_end(argument: str, name: str, suffix: str) -> None:
    if not name.endswith(suffix):
        raise ValueError(f"{argument} must end in {suffix!r}, got {name!r}")


_encode: Final = json.JSONEncoder(allow_nan=False).encode  # json.dumps makes one for each line
_quoted: Final = lru_cache(1024)(json.dumps)


def _line(values: Mapping[str, Any]) -> str:
    kinds = {*map(type, values.values())}
    if kinds <= _NUMBERS and {*map(type, values)} == {str}:  # finite: see `_plain`
        parts = [f"{_quoted(name)}: {value!r}" for name, value in values.items()]
        return f"{{{', '.join(parts)}}}\n"
    return _encode(values) + "\n"


def _plain(value: Any) -> Any:
    """``value`` as JSON can have it: a number where it is one, of those that JSON lacks the name.

    These are "NaN", "Infinity" and "-Infinity".
    """
    if type(value) is int or (type(value) is float and isfinite(value)):
        return value
    plain = number(value)
    if plain is None:
        plain = value.tolist() if hasattr(value, "tolist") else value
    return _finite(plain)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    return value
