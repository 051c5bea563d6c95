"""`engine migrate` as people type it."""

from __future__ import annotations

from importlib.metadata import requires
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine_runner.cli import main

TRAIN = b"# -*- coding: utf-8 -*-\nfrom mmengine.runner import Runner, load_checkpoint\n"
TOOLS = b"from mmengine.utils import is_str\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "train.py").write_bytes(TRAIN)
    (tmp_path / "lib" / "tools.py").write_bytes(TOOLS)
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "old.py").write_bytes(TRAIN)
    (tmp_path / "requirements.txt").write_text("numpy\nmmengine>=0.7,<1.0  # what for\n")
    return tmp_path


def migrate(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["migrate", *map(str, arguments)])


def test_it_reports_by_file_and_changes_nothing(project: Path) -> None:
    told = migrate(project)
    assert told.exit_code == 0
    assert "engine_runner.runner.Runner" in told.output
    assert "engine-compat; or isinstance(x, str)" in told.output
    assert "2 files, 2 use MMEngine" in told.output
    assert "3 uses: 2 have a native package, 1 engine-compat alone, 0 nothing" in told.output
    assert (project / "lib" / "train.py").read_bytes() == TRAIN


def test_it_names_what_is_different(project: Path) -> None:
    told = migrate(project).output
    declared = next(each for each in requires("engine-runner") or [] if each.startswith("torch>="))
    assert f"Python >= 3.11 and {declared.replace('>=', ' >= ')} are needed" in told
    assert "load_checkpoint: checkpoints are read as data" in told
    assert "requirements.txt:2 requires 'mmengine>=0.7'" in told
    (project / "lib" / "old.py").write_text("import pkg_resources\nimport mmengine\n")
    assert "old.py imports pkg_resources: setuptools has dropped it" in migrate(project).output


def test_a_difference_is_shown_as_a_patch(project: Path) -> None:
    told = migrate(project, "--diff")
    assert "-from mmengine.runner import Runner, load_checkpoint\n" in told.output
    assert "+from engine_runner.runner import Runner, load_checkpoint\n" in told.output
    assert "tools.py" not in told.output
    assert (project / "lib" / "train.py").read_bytes() == TRAIN


def test_it_rewrites_once(project: Path) -> None:
    path = project / "lib" / "train.py"
    assert "1 files were rewritten" in migrate(project, "--write").output
    assert path.read_bytes() == TRAIN.replace(b"mmengine", b"engine_runner")
    assert (project / "lib" / "tools.py").read_bytes() == TOOLS
    before = path.stat()
    assert "0 files were rewritten" in migrate(project, "--write").output
    assert path.stat() == before


def test_a_file_that_python_cannot_read_is_told_and_left(project: Path) -> None:
    broken = project / "broken.py"
    broken.write_bytes(b"import mmengine\nprint 1\n")
    latin = project / "latin.py"
    latin.write_bytes(b"# -*- coding: latin-1 -*-\nimport mmengine  # \xe9\n")
    told = migrate(project, "--write")
    assert told.exit_code == 1
    assert "can't be read: it is written in iso-8859-1" in told.output
    assert "2 files can't be read" in told.output
    assert broken.read_bytes() == b"import mmengine\nprint 1\n"


def test_a_name_that_nobody_serves_fails(project: Path) -> None:
    (project / "new.py").write_text("from mmengine.hooks import NoHook\n")
    told = migrate(project, "--quiet")
    assert told.exit_code == 1
    assert "not served: mmengine.hooks.NoHook" in told.output


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"\xef\xbb\xbffrom mmengine import Config\n")
    assert migrate(path, "--write").exit_code == 0
    assert path.read_bytes() == b"\xef\xbb\xbffrom engine_config import Config\n"


def test_a_path_that_is_not_there_is_a_plain_error(tmp_path: Path) -> None:
    told = migrate(tmp_path / "nothing")
    assert told.exit_code == 2
    assert "does not exist" in told.output
