"""The snippets of docs/ run, in their order."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_models_run_as_documented(
    run_page: Callable[[str], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    names = run_page("models")
    assert names["report"].is_ready
    shown = capsys.readouterr().out
    assert "nothing is wrong" in shown
    assert "75.776K" in shown  # operations


def test_interrupted_trainings_go_on_as_documented(
    run_page: Callable[[str], dict[str, Any]],
) -> None:
    names = run_page("reproducibility")
    assert names["whole"].equal(names["rest"])


def test_fifteen_minutes_are_as_written(
    run_page: Callable[[str], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    names = run_page("get_started/fifteen_minutes")
    assert names["trained"].epoch == 20
    log = capsys.readouterr().out
    assert "resumed epoch: 10" in log
    found, labels = (re.findall(r"\d", text) for text in log.splitlines()[-1].split(" are "))
    assert sum(a == b for a, b in zip(found, labels, strict=True)) >= 4
    assert Path("work_dirs/digits/report.html").stat().st_size > 10_000


def test_a_script_becomes_a_config_as_written(
    snippets: Callable[[str], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    registered, config, wide = snippets("get_started/script_to_config")
    classes = snippets("get_started/fifteen_minutes")[:3]
    data = "def digits(train):\n    return globals()['train' if train else 'val']\n"
    Path("digits.py").write_text("\n".join([*classes, data, registered]))
    Path("config.py").write_text(config)
    Path("wide.py").write_text(wide)
    for command in (
        ["config", "check", "config.py", "--trust"],
        ["config", "check", "wide.py", "--trust"],
        ["train", "wide.py", "--dry-run"],
        ["train", "config.py", "--cfg-options", "model.width=64", "train_cfg.max_epochs=1"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "engine_runner", *command], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
