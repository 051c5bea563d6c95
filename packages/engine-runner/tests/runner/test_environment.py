"""A training whose processes were started again goes on by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine_runner.runner.environment import goes_on_by_itself


def test_only_a_process_that_was_started_again_goes_on_and_only_with_its_own_checkpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = tmp_path / "last_checkpoint"
    monkeypatch.delenv("ENGINE_JOB_START", raising=False)
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    assert not goes_on_by_itself(str(tmp_path))
    last.write_text("epoch_1.pth")
    assert goes_on_by_itself(str(tmp_path))
    written = last.stat().st_mtime
    monkeypatch.setenv("ENGINE_JOB_START", str(written - 1))
    assert goes_on_by_itself(str(tmp_path))
    monkeypatch.setenv("ENGINE_JOB_START", str(written + 1))
    assert not goes_on_by_itself(str(tmp_path))
    monkeypatch.delenv("ENGINE_JOB_START")
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "0")
    assert not goes_on_by_itself(str(tmp_path))
