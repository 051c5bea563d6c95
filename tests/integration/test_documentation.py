"""The snippets of docs/ run, in their order."""

from __future__ import annotations

from collections.abc import Callable
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
