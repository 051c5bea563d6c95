"""What the README shows works as it is written there, also when it is killed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), flags=re.S)
    path = tmp_path / "program.py"
    path.write_text(example, "utf-8")
    return path


def lines_of(program: Path, folder: Path, kill_after: str = "never") -> list[str]:
    """What a program prints in a folder, until it ends or has printed the line it is killed at."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-W", "error", str(program)]
    lines = []
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            if lines[-1] == kill_after:
                process.kill()
    return lines


def test_a_plain_loop_that_is_killed_ends_as_one_that_was_not(
    program: Path, tmp_path: Path
) -> None:
    unbroken = lines_of(program, tmp_path / "unbroken")
    assert len(unbroken) == 21
    assert "saved after 30" in lines_of(program, tmp_path / "killed", "saved after 30")
    assert "saved after 150" in lines_of(program, tmp_path / "killed", "saved after 150")
    assert lines_of(program, tmp_path / "killed")[-1] == unbroken[-1]
