"""The progress bar: shown where somebody watches, and no line is lost for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine_runner.logs import wanted


@pytest.mark.parametrize(
    ("asked", "answer"), [("1", True), ("yes", True), ("0", False), ("", False)]
)
def test_the_environment_decides_if_it_says_something(
    monkeypatch: pytest.MonkeyPatch, asked: str, answer: bool
) -> None:
    monkeypatch.setenv("ENGINE_PROGRESS", asked)
    assert wanted() is answer


def test_nobody_watches_what_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENGINE_PROGRESS", raising=False)
    assert not wanted()


def test_a_bar_takes_the_place_of_lines_on_the_terminal_alone(
    toy: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENGINE_PROGRESS", "1")
    monkeypatch.setenv("COLUMNS", "120")
    runner = toy(log_level="INFO")
    runner.train()
    shown = capfd.readouterr().out
    (file,) = Path(runner.log_dir).glob("*.log")
    written = file.read_text("utf-8")
    assert written.count("Epoch(train)") == 2
    assert "Epoch(train)" not in shown
    assert "Epoch(val) [2][3/3]    accuracy: 1.0000" in shown
    assert "Saving checkpoint at 2 epochs" in shown
    assert "epoch 1/2" in shown
    assert runner.progress_bar is None


def test_lines_are_back_after_the_bar(
    toy: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENGINE_PROGRESS", "1")
    toy(log_level="INFO", train_cfg={"by_epoch": True, "max_epochs": 1}).train()
    monkeypatch.setenv("ENGINE_PROGRESS", "0")
    capfd.readouterr()
    toy(log_level="INFO", train_cfg={"by_epoch": True, "max_epochs": 1}).train()
    assert "Epoch(train) [1][10/12]  lr: 1.0000e-02" in capfd.readouterr().out
