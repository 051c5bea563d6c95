"""Versions as tuples, against what MMEngine 0.10.7 gives."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mmengine.utils import digit_version, get_git_hash


@pytest.mark.parametrize(
    ("version", "digits"),
    [
        ("1.2.3", (1, 2, 3, 0, 0, 0)),
        ("1.0rc1", (1, 0, 0, 0, -1, 1)),
        ("2.0.0+cu117", (2, 0, 0, 0, 0, 0)),
        ("1.3.0.dev20", (1, 3, 0, 0, -4, 20)),  # 0 in MMEngine: dev20 is not after dev19
        ("0.10.0alpha2", (0, 10, 0, 0, -3, 2)),
        ("2.13.0b3", (2, 13, 0, 0, -2, 3)),
        ("1.0.post1", (1, 0, 0, 0, 1, 1)),
        ("v1.0-2", (1, 0, 0, 0, 1, 2)),
    ],
)
def test_a_version_is_numbers(version: str, digits: tuple[int, ...]) -> None:
    assert digit_version(version) == digits


def test_the_length_is_that_of_the_release() -> None:
    assert digit_version("1.2.3", length=2) == (1, 2, 0, 0)
    assert digit_version("1.2.3.4.5") == (1, 2, 3, 4, 0, 0)


def test_they_compare_as_versions_do() -> None:
    rising = ["1.0.dev1", "1.0a1", "1.0b1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.0.1", "1.10"]
    assert sorted(rising, key=digit_version) == rising


@pytest.mark.parametrize("text", ["abc", "1.2.x", "1.2foo", ""])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no version"):
        digit_version(text)


def test_a_commit_is_that_of_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert get_git_hash(fallback="none") == "none"
    with pytest.raises(TypeError, match="digits"):
        get_git_hash(digits="3")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    assert len(get_git_hash()) == 40
    assert get_git_hash(digits=7) == get_git_hash()[:7]


def test_without_git_there_is_the_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert get_git_hash() == "unknown"
