"""Scripts run in this process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine_runner.testing import check_python_script


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Writes its arguments, and a constant of its neighbour, into a file beside it."""
    (tmp_path / "neighbour.py").write_text("NAME = 'neighbour'\n")
    path = tmp_path / "script.py"
    path.write_text(
        "import sys\nfrom pathlib import Path\nfrom neighbour import NAME\n"
        "if __name__ == '__main__':\n"
        "    Path(__file__).with_name('out').write_text(' '.join([NAME, *sys.argv[1:]]))\n"
        "    if 'fail' in sys.argv:\n        sys.exit(3)\n"
    )
    return path


@pytest.mark.parametrize("python", ["", "python ", "python3.12 "])
def test_a_script_is_run_as_a_program(script: Path, python: str) -> None:
    before = list(sys.argv), list(sys.path)
    check_python_script(f"{python}{script} one 'two words'")
    assert script.with_name("out").read_text() == "neighbour one two words"
    assert (sys.argv, sys.path) == before
    sys.modules.pop("neighbour")


def test_its_exit_code_is_seen(script: Path) -> None:
    before = list(sys.argv)
    with pytest.raises(SystemExit, match="3"):
        check_python_script(f"{script} fail")
    assert sys.argv == before
    sys.modules.pop("neighbour")


def test_a_missing_script_is_told() -> None:
    with pytest.raises(FileNotFoundError, match=r"no script 'nowhere\.py'"):
        check_python_script("python nowhere.py")
