"""What the README shows works as it is written there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


def test_the_example_trains_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), flags=re.S)
    exec(compile(example, "README.md", "exec", dont_inherit=True), {"__name__": "example"})
    out = capsys.readouterr().out
    assert "resumed epoch: 2, iter: 32" in out
    # epoch_2.pth was written before the second validation: the resume makes that one first.
    assert len(re.findall("accuracy: ", out)) == 5
    assert Path("work_dirs/sums/last_checkpoint").read_text("utf-8").endswith("epoch_4.pth")
