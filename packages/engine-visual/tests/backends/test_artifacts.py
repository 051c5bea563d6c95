from __future__ import annotations

from pathlib import Path

import pytest

from engine_visual.backends.artifacts import artifacts


@pytest.fixture
def work_dir(tmp_path: Path) -> Path:
    for name in ("a.py", "logs/b.json", "logs/c.txt", ".git/d.py", "e.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    return tmp_path


def test_files_are_found_by_their_endings(work_dir: Path) -> None:
    found = artifacts({"work_dir": str(work_dir)}, (".py", ".json", "yaml"))
    assert found == [
        (work_dir / "a.py", "a.py"),
        (work_dir / "e.yaml", "e.yaml"),
        (work_dir / "logs" / "b.json", "logs/b.json"),
    ]


def test_one_ending_is_one_ending(work_dir: Path) -> None:
    assert [below for _, below in artifacts({"work_dir": work_dir}, ".txt")] == ["logs/c.txt"]


def test_a_folder_of_the_platform_is_left_out(work_dir: Path) -> None:
    found = artifacts({"work_dir": work_dir}, (".py", ".json"), apart_from=work_dir / "logs")
    assert [below for _, below in found] == ["a.py"]


@pytest.mark.parametrize("config", [None, {}, {"work_dir": None}, {"work_dir": "nowhere"}])
def test_without_a_folder_there_are_none(config: object) -> None:
    assert artifacts(config, (".py",)) == []
