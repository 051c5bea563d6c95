"""What the README shows runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from engine_visual import Visualizer
from engine_visual.samples import _drawers

README = Path(__file__).parent.parent / "README.md"


def test_the_readme_runs_and_makes_its_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Visualizer, "_instance_dict", {})
    monkeypatch.setattr("engine_visual.samples._drawers", dict(_drawers))
    text = README.read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.S):
        exec(compile(block, "README.md", "exec"), names)
    pictures = re.findall(r"!\[[^]]*\]\(docs/([^)]*)\)", text)
    assert len(pictures) == 3
    for name in [*pictures, "sample.png", "run1.svg", "work/run1/report.html"]:
        assert (tmp_path / name).stat().st_size > 1000
