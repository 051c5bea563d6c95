"""What the README shows works as it is written there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


def test_a_plain_loop_reads_balanced_data_and_an_index_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    example = "".join(re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), flags=re.S))
    exec(compile(example, "README.md", "exec", dont_inherit=True), {"__name__": "example"})
    out = capsys.readouterr().out
    assert out.startswith("100 points, ") and int(out.split()[2]) > 100
    assert out.endswith("[0.0, 0.5]\n")
