"""Config files, written where the test says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine_config import Config

Load = Callable[..., Config]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Returns a function that writes files (name without suffix: .py) and loads the last one."""
    monkeypatch.chdir(tmp_path)

    def write_and_load(*, files: dict[str, str] | None = None, **given: object) -> Config:
        texts = {f"{k}.py": v for k, v in given.items() if isinstance(v, str)} | (files or {})
        options = {k: v for k, v in given.items() if not isinstance(v, str)}
        for name, text in texts.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Config.fromfile(list(texts)[-1], **options)

    return write_and_load
