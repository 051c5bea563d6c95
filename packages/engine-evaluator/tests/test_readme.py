"""What the README shows works as it is written there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


def test_a_plain_loop_is_evaluated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), flags=re.S)
    exec(compile(example, "README.md", "exec", dont_inherit=True), {"__name__": "example"})
    out = capsys.readouterr().out
    assert float(re.search(r"accuracy/top1.: ([\d.]+)", out)[1]) > 0.9  # type: ignore[index]
    assert "loss/mean" in out
