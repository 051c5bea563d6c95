"""A progress bar over inputs."""

from __future__ import annotations

import pytest

from engine_runner.infer.progress import shown


def test_nothing_is_shown_unless_somebody_watches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENGINE_PROGRESS", "0")
    assert [*shown([1, 2], 2)] == [1, 2]
    assert capsys.readouterr().out == ""


def test_a_bar_counts_inputs_and_not_batches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENGINE_PROGRESS", "1")
    assert [*shown([[1, 2], [3]], 3, batch_size=2)] == [[1, 2], [3]]
    assert "3/3" in capsys.readouterr().out
